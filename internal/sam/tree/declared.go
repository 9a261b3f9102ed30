package tree

import (
	"bytes"
	"regexp"
)

// declaring are the keys by which a file can be told to be a template, an OpenAPI
// document or a part of one, whatever mistakes it has. In YAML they begin a line. In
// JSON they are in quotes, which are escaped in the text of a value.
var declaring = regexp.MustCompile(`(?m)(?:^\x{feff}?[ \t]*["']?(?:` + declaringKeys + `)["']?|[{,][ \t]*"(?:` + declaringKeys + `)")[ \t]*:`)

const declaringKeys = "AWSTemplateFormatVersion|Transform|Resources|Globals|openapi|swagger|paths|x-amazon-apigateway-[a-z-]+"

// Declares reports whether data looks like a template or an OpenAPI document. A
// template, and a samconfig.toml, may name any file that can be read here, such as
// one with a token, or /proc/self/environ: nothing of what does not look like one
// is to be shown to anybody.
func Declares(data []byte) bool {
	return bytes.IndexByte(data, 0) < 0 && declaring.Match(data)
}

// Undeclared is the error for a file that cannot be read and does not look like a
// template. It repeats none of it.
func Undeclared(name string) *Error {
	return &Error{
		Pos:  Pos{File: name},
		What: "the file is neither a template nor an OpenAPI document: it has no key such as Resources, Transform, openapi or paths",
		Why:  "nothing of it is shown, and SAM CLI refuses it",
		Fix:  "check that this is the file you mean",
	}
}
