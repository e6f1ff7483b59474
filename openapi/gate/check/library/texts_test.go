package library

import "testing"

func TestReword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"`server.url` is required":                                                       "the field url is missing or empty",
		"`securityScheme.flows` is required for type=oauth2":                             "the field flows is missing or empty, which the type oauth2 needs",
		"oAuthFlow.scopes is required (empty map is allowed)":                            "the field scopes is missing or empty",
		"`schema.discriminator` missing property `propertyName`":                         "the field propertyName is missing",
		"info.version expected `string`, got `!!int`":                                    "the field version: expected a string, got a whole number",
		"schema.properties.id.maxLength expected `integer`, got `string`":                "the field maxLength: expected a whole number, got a string",
		"schema.required expected one of [`array`, `null`], got `boolean`":               "the field required: expected a list or nothing, got a boolean",
		"`server.url` is not a valid uri: parse \"://\": missing protocol scheme":        "the field url is no URI",
		"contact.email is not a valid email address: mail: no angle-addr":                "the field email is no e-mail address",
		"parameter.in must be one of [`query, header, path, cookie`]":                    "the field in has to be one of query, header, path, cookie",
		"securityScheme.in must be one of [`header, query, cookie`] for type=apiKey":     "the field in has to be one of header, query, cookie for type apiKey",
		"schema.type value must be one of 'array', 'string'":                             "the field type has to be one of array, string",
		"schema is not valid json: invalid character '.' looking for beginning of value": "the schema holds a value that JSON does not have",
		"schema.items 'oneOf' failed, none matched":                                      "the field items has a value that OpenAPI 3.0 does not allow there",
		"schema. 'not' failed":                              "the schema has a value that OpenAPI 3.0 does not allow there",
		"schema. additional properties 'const' not allowed": "OpenAPI 3.0 has no field const here",
		"schema.maxLength minimum: got -1, want 0":          "the field maxLength has to be at least 0, and is -1",
		"the key `a` stands alone":                          "the key a stands alone",
	} {
		if got := reword(text); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}
