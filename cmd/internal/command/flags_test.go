package command

import (
	"slices"
	"testing"
)

// newTestFlags returns a set with the flags that the tests look at.
func newTestFlags(variables map[string]string) (*FlagSet, *List) {
	flags := newFlagSet("T_", func(name string) string { return variables[name] })
	var list List
	flags.Var(&list, "list", "`ITEM`")
	flags.String("url", "", "`URL`")
	flags.String("file", "none", "`FILE`")
	return flags, &list
}

func TestFlagSet_Choose(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		variables       map[string]string
		args            []string
		url, file, list string
	}{
		{nil, nil, "", "none", ""},
		{map[string]string{"T_URL": "u", "T_FILE": "f", "T_LIST": "l"}, nil, "u", "f", "l"},
		{map[string]string{"T_URL": "u", "T_LIST": "l"}, []string{"--file", "g"}, "", "g", ""},
		{map[string]string{"T_URL": "u"}, []string{"--url", "v", "--file", "g"}, "v", "g", ""},
		{map[string]string{"T_FILE": "f"}, []string{"--list", "a", "--list", "b"}, "", "none", "a,b"},
	} {
		flags, list := newTestFlags(row.variables)
		if _, err := flags.parse(row.args); err != nil {
			t.Fatal(err)
		}
		flags.Choose("url", "file", "list")
		url, file := flags.Lookup("url").Value.String(), flags.Lookup("file").Value.String()
		if url != row.url || file != row.file || list.String() != row.list {
			t.Errorf("%v, %v: url %q, file %q, list %q", row.variables, row.args, url, file, list)
		}
	}
}

func TestFlagSet_Given(t *testing.T) {
	t.Parallel()
	flags, _ := newTestFlags(map[string]string{"T_URL": "u"})
	if _, err := flags.parse([]string{"--file", "f"}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name          string
		given, onLine bool
	}{{"url", true, false}, {"file", true, true}, {"list", false, false}} {
		if flags.Given(row.name) != row.given || flags.OnLine(row.name) != row.onLine {
			t.Errorf("%s: given %v, on the line %v", row.name, flags.Given(row.name), flags.OnLine(row.name))
		}
	}
}

// TestList: a repeated flag adds, and the command line begins anew.
func TestList(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		variable string
		args     []string
		want     []string
	}{
		{"", []string{"--list", "a", "--list", "b"}, []string{"a", "b"}},
		{"e", nil, []string{"e"}},
		{"e", []string{"--list", "a", "--list", "b"}, []string{"a", "b"}},
		{"e", []string{"--list", ""}, nil},
		{"", []string{"--list", "a", "--list", "", "--list", "b"}, []string{"b"}},
	} {
		flags, list := newTestFlags(map[string]string{"T_LIST": row.variable})
		if _, err := flags.parse(row.args); err != nil || !slices.Equal(list.Values, row.want) {
			t.Errorf("%q, %q: %q, %v; want %q", row.variable, row.args, list.Values, err, row.want)
		}
	}
}
