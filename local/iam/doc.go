// Package iam is the embedded AWS's Identity and Access Management: roles, users, identity providers and their
// policies, the decision on every call (it is the world's [world.Authority]), and the sessions and keys that calls are
// made with.
//
// A role's policies are read at each request, so that a change affects sessions that were issued before it, as on AWS
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html). Changes
// are in effect at once: the few seconds to minutes that IAM takes on AWS are not played.
//
// The decision itself is package policy's; here stand the principals, their policies and the condition keys that AWS
// sets on each request. The calls come in over HTTP on loopback: aws:SecureTransport is true for them nevertheless,
// because the same call to AWS would go over TLS, and a policy that refuses plain text must not refuse everything here.
package iam
