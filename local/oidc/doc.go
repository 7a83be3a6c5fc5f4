// Package oidc is GitHub's part in the embedded AWS: an OpenID Connect issuer of tokens for the jobs of a CI workflow,
// as GitHub Actions has it (https://docs.github.com/en/actions/reference/security/oidc).
//
// It plays the issuer under GitHub's own URL, so that the very trust policies of the template are tested. A job begins
// with [Service.Begin]; if it declared the permission `id-token: write`, it gets a request token, and exchanges that for
// ID tokens, as the runner's toolkit does by ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN.
package oidc
