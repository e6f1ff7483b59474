// Package music holds what is generated from openapi/music.yaml: the models,
// the routes and the strict server interface of the API. Nothing in
// music.gen.go is edited by hand; "make generate" writes it anew.
package music

//go:generate go tool -modfile=../tools.mod oapi-codegen -config oapi-codegen.yaml ../../openapi/music.yaml
