// Package sigv4 checks the signatures of requests: AWS Signature Version 4, in the Authorization header or, presigned,
// in the query (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).
//
// The signature is computed anew by the SDK's own signer over what the client says it has signed, and compared. It is
// an adapter: whether a signature is fresh is told by the wall clock, as the client's is; whether a session has expired
// is the world's matter and comes with the [Secret].
package sigv4
