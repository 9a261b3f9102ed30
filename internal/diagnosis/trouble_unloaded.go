package diagnosis

import (
	"regexp"
	"strings"
)

const (
	handlerHint = "compare Handler and CodeUri in the template with the files; where the code is compiled, or SAM local runs a build (.aws-sam/build), build after each change of it; after the first build, or a change of the template, start SAM local again:\nsam build"
	syntaxHint  = "mend the code, at the place that SAM local's log names; where SAM local runs a build (.aws-sam/build), then run:\nsam build"
	moduleHint  = "Node.js takes import in files named .mjs, and in all where package.json in CodeUri has:\n\"type\": \"module\""
	importHint  = "look at what the message names; where it is compiled for another system, build it in a container, and start SAM local again:\nsam build --use-container"
	fileHint    = "check whether the missing file is below CodeUri, or in a layer, as the code names it; where it is compiled, or SAM local runs a build (.aws-sam/build), run:\nsam build"
)

// packageHint is for a module that is missing and not the handler's. SAM local runs
// the build unless its --template names another template.
func packageHint(manifest string) string {
	return "where the missing module is a package, name it in " + manifest + " in CodeUri, build, and start SAM local again on the build (as without --template):\nsam build"
}

var (
	pythonImport = regexp.MustCompile(`^Unable to import module '(.+?)': (?:No module named '(.+?)')?`)
	nodeImport   = regexp.MustCompile(`^Cannot find (?:module|package) '(.+?)'(?:\s+imported from |\s+Require stack:\s+- )?(\S*)`)
)

// unloadedHints say what to do about a handler that cannot be loaded, by what its
// runtime says of it. They have no words of that: every page may get them.
func unloadedHints(message string) []string {
	if strings.HasPrefix(message, "SyntaxError: Cannot use import statement outside a module") {
		return []string{moduleHint}
	}
	if strings.HasPrefix(message, "Syntax error in module ") || strings.HasPrefix(message, "SyntaxError: ") {
		return []string{syntaxHint}
	}
	if m := pythonImport.FindStringSubmatch(message); m != nil {
		handler, missing := strings.ReplaceAll(m[1], "/", "."), m[2]
		switch {
		case missing == "":
			return []string{importHint}
		case strings.HasPrefix(handler+".", missing+"."):
			return []string{handlerHint}
		}
		return []string{packageHint("requirements.txt"), fileHint}
	}
	if m := nodeImport.FindStringSubmatch(message); m != nil {
		missing, importer := m[1], m[2]
		switch {
		case importer == "" && !strings.HasPrefix(missing, "/"): // who asks for it is cut off
			return []string{handlerHint, packageHint("package.json")}
		case importer == "", strings.HasPrefix(importer, "/var/runtime/"):
			return []string{handlerHint}
		case strings.HasPrefix(missing, ".") || strings.HasPrefix(missing, "/"):
			return []string{fileHint}
		}
		return []string{packageHint("package.json"), fileHint}
	}
	if strings.HasPrefix(message, "cannot load such file -- ") { // Ruby has the same words for a gem
		return []string{handlerHint, packageHint("Gemfile")}
	}
	return []string{handlerHint}
}
