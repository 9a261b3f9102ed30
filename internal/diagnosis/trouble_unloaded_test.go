package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestNotLoaded holds that what is said to do about a handler that cannot be loaded
// is for what is missing: the handler's own module, or another one.
func TestNotLoaded(t *testing.T) {
	t.Parallel()
	const (
		handler = "compare Handler and CodeUri"
		syntax  = "mend the code"
		imports = "look at what the message names"
		file    = "check whether the missing file is below CodeUri"
		python  = "name it in requirements.txt in CodeUri"
		node    = "name it in package.json in CodeUri"
		ruby    = "name it in Gemfile in CodeUri"
	)
	uncaught := func(message string) string {
		return "2026-11-29T09:03:30.609Z\tundefined\tERROR\tUncaught Exception \t" + `{"errorType":"Runtime.ImportModuleError","errorMessage":"Error: ` + message + `","stack":[]}`
	}
	for line, want := range map[string][]string{
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'app'":                                    {handler},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'api/app': No module named 'api'":                                {handler},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'src.app': No module named 'src.app'":                            {handler},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'src.app': No module named 'src.shop'":                           {python, file},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'apps'":                                   {python, file},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'requests'":                               {python, file},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'a.b'; 'a' is not a package":              {python, file},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'app': cannot import name 'x' from 'lib' (/var/task/lib.py)":     {imports},
		"[ERROR] Runtime.ImportModuleError: Unable to import module 'app': /lib64/libc.so.6: version `GLIBC_2.28' not found (x.so)":  {imports},
		"[ERROR] Runtime.HandlerNotFound: Handler 'lambda_handler' missing on module 'app'":                                          {handler},
		"[ERROR] Runtime.MalformedHandlerName: Bad handler 'app': not enough values to unpack (expected 2, got 1)":                   {handler},
		"[ERROR] Runtime.UserCodeSyntaxError: Syntax error in module 'app': expected ':' (app.py, line 1)":                           {syntax},
		`{"errorType":"Runtime.UserCodeSyntaxError","errorMessage":"SyntaxError: Unexpected token '}'","stack":[]}`:                  {syntax},
		`{"errorType":"Runtime.UserCodeSyntaxError","errorMessage":"SyntaxError: Cannot use import statement outside a module"}`:     {"Node.js takes import"},
		`{"errorType":"Runtime.HandlerNotFound","errorMessage":"app.handlr is undefined or not exported","stack":[]}`:                {handler},
		`{"errorMessage":"cannot load such file -- app","errorType":"Init<LoadError>","stackTrace":[]}`:                              {handler, ruby},
		`{"errorMessage":"Class not found: app.App","errorType":"java.lang.ClassNotFoundException"}`:                                 {handler},
		uncaught(`Cannot find module 'app'\nRequire stack:\n- /var/runtime/index.mjs`):                                               {handler},
		uncaught(`Cannot find module '/var/task/app'\nRequire stack:\n- /var/runtime/bootstrap`):                                     {handler},
		uncaught(`Cannot find module 'axios'\nRequire stack:\n- /var/task/app.js\n- /var/runtime/index.mjs`):                         {node, file},
		uncaught(`Cannot find module './util'\nRequire stack:\n- /var/task/app.js\n- /var/runtime/index.mjs`):                        {file},
		uncaught(`Cannot find package 'axios' imported from /var/task/app.mjs`):                                                      {node, file},
		uncaught(`Cannot find module '/var/task/util' imported from /var/task/app.mjs`):                                              {file},
		`Uncaught Exception {"errorType":"Runtime.ImportModuleError","errorMessage":"Error: Cannot find module 'axios'\nRequire sta`: {handler, node}, // a line that is cut
	} {
		trouble, ok := diagnosis.ReadTrouble(line)
		if !ok || trouble.Code != diagnosis.HandlerNotLoaded || len(trouble.Hints) != len(want) {
			t.Errorf("%s: %q, %q", line, trouble.Code, trouble.Hints)
			continue
		}
		for i, hint := range trouble.Hints {
			if !strings.Contains(hint, want[i]) {
				t.Errorf("%s: got %q, want %q", line, hint, want[i])
			}
		}
	}
}
