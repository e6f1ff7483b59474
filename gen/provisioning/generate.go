// Package provisioning holds what is generated from openapi/provisioning.yaml:
// the messages, the routes and the strict server interface of the provisioner.
// Nothing in provisioning.gen.go is edited by hand; "make generate" writes it
// anew.
package provisioning

//go:generate go tool -modfile=../tools.mod oapi-codegen -config oapi-codegen.yaml ../../openapi/provisioning.yaml
