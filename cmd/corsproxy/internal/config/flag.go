package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// A flagValue keeps the texts that a flag is given and judges none of them,
// so that all mistakes, in flags and elsewhere, can be reported together.
type flagValue struct {
	texts []string
	def   string
	unit  string
}

func (f *flagValue) Set(text string) error {
	f.texts = append(f.texts, text)
	return nil
}

func (f *flagValue) String() string {
	if len(f.texts) > 0 {
		return f.texts[len(f.texts)-1]
	}
	return f.def
}

func (f *flagValue) Type() string { return f.unit }

// AddFlags adds the flags of settings to flags, and [FileFlag]: those that are
// named, or all.
func AddFlags(flags *pflag.FlagSet, names ...string) {
	flags.SortFlags = false
	if len(names) == 0 || slices.Contains(names, FileFlag) {
		flags.Var(&flagValue{unit: "FILE"}, FileFlag, "the configuration file, or "+NoFile+" (default "+FileNames[0]+" in the working directory, if there is one)")
	}
	for _, k := range Leaves() {
		if len(names) > 0 && !slices.Contains(names, k.Flag) {
			continue
		}
		f := flags.VarPF(&flagValue{def: k.shownDefault(), unit: k.shownUnit()}, k.Flag, "", k.Help)
		if k.Kind == Bool {
			f.NoOptDefVal = "true"
		}
	}
}

// FlagTexts returns the texts given for the flags that [AddFlags] added, for
// [Input.Flags].
func FlagTexts(flags *pflag.FlagSet) map[string][]string {
	texts := map[string][]string{}
	flags.Visit(func(f *pflag.Flag) {
		if v, ok := f.Value.(*flagValue); ok {
			texts[f.Name] = slices.Clone(v.texts)
		}
	})
	return texts
}

// UnknownFlag says what is wrong with a flag that is not among flags.
func UnknownFlag(name string, flags *pflag.FlagSet) string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	text := "unknown flag " + quote("--"+name)
	if name == "port" && flags.Lookup("upstream") != nil && flags.Lookup("listen") != nil {
		return text + "; the port of SAM local is --upstream PORT, and corsproxy's own is --listen PORT"
	}
	if same, ok := map[string]string{"output": "format", "format": "output"}[name]; ok && flags.Lookup(same) != nil {
		return text + "; did you mean --" + same + "?"
	}
	if s := nearest(name, names); s != "" {
		return text + "; did you mean --" + s + "?"
	}
	return text
}

// UnknownLetter is [UnknownFlag] for flags of one letter, of which there is none
// but -h. Some of what they are to curl and to SAM CLI has a name here.
func UnknownLetter(letters string, flags *pflag.FlagSet) string {
	text := "unknown flag " + quote("-"+letters)
	name := map[byte]string{'X': "method", 'H': "header", 'd': "data", 't': "template", 'p': "upstream"}[letters[0]]
	if f := flags.Lookup(name); f != nil {
		value, _ := pflag.UnquoteUsage(f)
		text += "; write --" + name + " " + value
		if name == "upstream" && flags.Lookup("listen") != nil {
			text += " for the port of SAM local, and --listen PORT for corsproxy's own"
		}
		return text
	}
	return text + "; flags have two dashes"
}

func (k Key) shownUnit() string {
	switch k.Kind {
	case Bool:
		return ""
	case Choice:
		return strings.Join(k.Enum, "|")
	}
	return k.Unit
}

// shownDefault returns the default for help texts; empty where it is no news.
func (k Key) shownDefault() string {
	switch d := k.Default.(type) {
	case bool:
		return ""
	case []string:
		return strings.Join(d, ",")
	default:
		return fmt.Sprint(d)
	}
}

// readFlags reads the texts of flags.
func readFlags(texts map[string][]string) *layer {
	l := newLayer()
	for _, k := range Leaves() {
		if given := texts[k.Flag]; len(given) > 0 {
			l.texts(k, Place{Layer: FromFlag, Name: k.Flag}, given...)
		}
	}
	return l
}
