package tree_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The texts are what PyYAML makes of a plain scalar, as Python prints it.
func TestPlainScalars(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"yes": "True", "Yes": "True", "on": "True", "TRUE": "True", "no": "False", "Off": "False", "false": "False",
		"y": "'y'", "n": "'n'", "yEs": "'yEs'", "'yes'": "'yes'", `"on"`: "'on'",
		"~": "None", "null": "None", "": "None", "nil": "'nil'",
		"1": "1", "-12": "-12", "+3": "3", "1_000": "1000", "0": "0", "010": "8", "-010": "-8", "0x1F": "31", "0b101": "5",
		"08": "'08'", "09": "'09'", "0o17": "'0o17'", "1:30": "90", "1:60": "'1:60'", "01:30": "'01:30'", "190:20:30": "685230",
		"123456789012345678901234567890": "123456789012345678901234567890",
		"1.5":                            "1.5", "1.": "1.0", ".5": "0.5", "1e3": "'1e3'", "1.0e+3": "1000.0", "1.0e3": "'1.0e3'", "1_0.5": "10.5",
		"1:30.5": "90.5", ".inf": "inf", "-.INF": "-inf", ".NaN": "nan", "1.0e+20": "1e+20", "0.00001": "1e-05",
		"2026-01-01": "'2026-01-01'", "2026-01-01 10:00:00": "'2026-01-01 10:00:00'",
		"a'b": `"a'b"`, "1.0.0": "'1.0.0'", "-": "'-'", "+": "'+'", "0x": "'0x'",
	} {
		v, err := tree.Parse("t", []byte("[ "+in+" , x]"))
		if in == "" {
			v, err = tree.Parse("t", []byte("- \n- x"))
		}
		if in == "-" {
			v, err = tree.Parse("t", []byte("['-', x]"))
		}
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		got := strings.TrimSuffix(strings.TrimPrefix(v.Text(), "["), ", 'x']")
		if got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "None"},
		{"short tags", "[!Ref a, !Sub 1, !GetAtt a.b.c, !GetAtt a, !Condition yes, !If [a, 1, no]]",
			"[{'Ref': 'a'}, {'Fn::Sub': '1'}, {'Fn::GetAtt': ['a', 'b.c']}, {'Fn::GetAtt': ['a']}, {'Condition': 'yes'}, {'Fn::If': ['a', 1, False]}]"},
		{"short tag of a map", "!Transform {Name: a}", "{'Fn::Transform': {'Name': 'a'}}"},
		{"standard tags", "[!!str 1, !!int '2', !!float 3, !!bool 'yes', !!null x, !!seq [], !!map {}]", "['1', 2, 3.0, True, None, [], {}]"},
		{"equal keys", "{a: 1, b: 2, a: 3}", "{'a': 3, 'b': 2}"},
		{"equal keys of several kinds", "{1: a, 1.0: b, true: c, '1': d}", "{1: 'c', '1': 'd'}"},
		{"keys", "{yes: a, 200: b, ~: c}", "{True: 'a', 200: 'b', None: 'c'}"},
		{"merge", "{<<: {a: 1, b: 2}, b: 3}", "{'a': 1, 'b': 3}"},
		{"merge of several", "{<<: [{a: 1}, {a: 2, b: 2}]}", "{'a': 1, 'b': 2}"},
		{"equals sign as a key", "{=: 1}", "{'=': 1}"},
		{"escaped slash", `{a: "b\/c\\/\"\/", d: '\/'}`, `{'a': 'b/c\\/"/', 'd': '\\/'}`},
		{"quoted merge", "{'<<': {a: 1}}", "{'<<': {'a': 1}}"},
		{"aliases", "[&a {x: 1}, *a]", "[{'x': 1}, {'x': 1}]"},
		{"JSON", "{\"a\":\t[1, 1.0, 1e2, -0, true, null, \"\\u00e4\\/\"], \"a\": 2}", "{'a': 2}"},
		{"JSON numbers", "[1, 1.0, 1e2, 12345678901234567890]", "[1, 1.0, 100.0, 12345678901234567890]"},
		{"nearly JSON", "{'a': [1, 2,]}", "{'a': [1, 2]}"},
		{"byte order mark", "\ufeffa: 1", "{'a': 1}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := tree.Parse("t", []byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := v.Text(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"not UTF-8", "a: \xff", "t:1:4: byte 0xff is not UTF-8"},
		{"syntax", "a: b: c", `t:1:4: the value "b: c" has a colon with a blank behind it, which makes a key of what is before; put it in quotes: a: "b: c"`},
		{"unknown alias", "a: *b", "unknown anchor 'b'"},
		{"anchor twice", "[&a 1, &a 2]", "t:1:8: anchor &a is set twice, first in line 1"},
		{"list for a key", "? [a]\n: b", "t:1:3: a list is the key of a map"},
		{"merge of a scalar", "<<: a", "a merge key"},
		{"merge sign as a value", "a: <<", `t:1:4: a bare "<<"`},
		{"bare equals sign", "a: =", `t:1:4: a bare "="`},
		{"Python tag", "a: !!python/object:os.system x", "means nothing in a template"},
		{"tag that does not fit", "a: !!int b", `tag !!int does not fit "b"`},
		{"tab after a key", "a:\tb", "t:1:3: a tab separates words"},
		{"tab at the end", "a: b\t", "t:1:5: a tab separates words"},
		{"tab on an empty line", "a:\n- b\n\t\nc: d", "a tab"},
		{"tab in a word", "a: b\tc", "t:1:5: a tab separates words"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := tree.Parse("t", []byte(test.in))
			var e *tree.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %s, %v, want an *Error", v.Text(), err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want it to contain %q", err, test.want)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"YAML": "a: 1\nbc:\n  - d\n  - {e: f}\n",
		"JSON": "{\"a\": 1,\n\"bc\": [\n    \"d\",\n    {\"e\": \"f\"}]\n}",
	} {
		v, err := tree.Parse(name, []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		e, _ := v.Entry("bc")
		item := e.Value.Items()[1]
		got := []string{e.Key.Pos().String(), item.Pos().String(), item.Get("e").Pos().String()}
		want := []string{name + ":2:1", name + ":4:5", name + ":4:9"}
		if name == "JSON" {
			want[2] = name + ":4:11"
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("got %v, want %v", got, want)
				break
			}
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true}, {"1", "true", true}, {"0", "false", true}, {"1", "'1'", false}, {"a", "'a'", true},
		{"~", "null", true}, {"~", "''", false}, {"[1, a]", "[true, a]", true}, {"[1]", "[1, 2]", false},
		{"{a: 1, b: 2}", "{b: 2, a: 1}", true}, {"{a: 1}", "{a: 2}", false}, {"{a: 1}", "{b: 1}", false},
	} {
		v, err := tree.Parse("t", []byte("- "+test.a+"\n- "+test.b))
		if err != nil {
			t.Fatal(err)
		}
		if got := tree.Equal(v.Items()[0], v.Items()[1]); got != test.want {
			t.Errorf("%s == %s: got %v", test.a, test.b, got)
		}
	}
}

func TestTruthy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"0": false, "1": true, "0.0": false, "-0.0": false, "0.5": true, ".nan": true, "''": false, "a": true,
		"[]": false, "[0]": true, "{}": false, "{a: }": true, "no": false, "~": false,
	} {
		v, err := tree.Parse("t", []byte("- "+in))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Items()[0].Truthy(); got != want {
			t.Errorf("%s: got %v", in, got)
		}
	}
	var absent *tree.Value
	if absent.Truthy() || absent.Get("a").Get("b") != nil || absent.Text() != "None" || absent.Len() != 0 {
		t.Error("an absent value is something")
	}
}

// Large maps are indexed; setting and deleting must keep the index right.
func TestLargeMap(t *testing.T) {
	t.Parallel()
	m := tree.NewMap(tree.Pos{})
	names := strings.Fields(strings.Repeat("a ", 1) + "b c d e f g h i j k l m n o p q r s t u v w x y z")
	for i, name := range names {
		m.Set(name, tree.NewInt(tree.Pos{}, int64(i)))
	}
	m.Delete("c")
	m.Delete("none")
	m.Set("d", tree.NewString(tree.Pos{}, "set"))
	if m.Len() != 25 || m.Has("c") || m.Get("z").Text() != "25" || m.Get("d").Text() != "set" || m.Entries()[2].Name() != "d" {
		t.Errorf("got %s", m.Text())
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: &x [1, *x]")
	f.Add("{\"a\": [1, 2.5, null]}")
	f.Add("a:\n  - |\n    b\t'c\n  - >-2\n  d: \"\\t\"\t# e\n")
	f.Fuzz(func(t *testing.T, in string) {
		v, err := tree.Parse("t", []byte(in))
		var e *tree.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("got %v, want an *Error", err)
		}
		if err == nil && !tree.Equal(v, v) {
			t.Error("not equal to itself")
		}
		v.Text()
	})
}
