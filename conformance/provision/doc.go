// Package provision puts an implementation into known states. Each case of the suite asks a
// [Provisioner] for a [Scene] of its own, by a [Request] that names organizations, users and
// tracks, and gets their real ids and API keys.
//
// [HTTP], [Command] and [File] are the transports of the provisioning protocol, which
// openapi/provisioning.yaml describes, for implementations in any language. A Go program may
// implement [Provisioner] itself.
//
// Whoever runs the suite uses this package. It knows nothing of the suite, and imports only its
// checks of JSON.
package provision
