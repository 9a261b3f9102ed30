package transform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// globalProperties are the properties that Globals may set, by section.
var globalProperties = map[string][]string{
	"Function": strings.Fields(`Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig
		Environment Tags PropagateTags Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers
		DeploymentPreference RolePath PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig
		AssumeRolePolicyDocument EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart
		EphemeralStorage FunctionUrlConfig RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn
		TenancyConfig DurableConfig CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished
		VersionDeletionPolicy`),
	"Api": strings.Fields(`Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables
		EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses
		AccessLogSetting CanarySetting TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags
		SecurityPolicy EndpointAccessMode`),
	"HttpApi": strings.Fields(`Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings
		Domain RouteSettings FailOnWarnings PropagateTags`),
	"SimpleTable":  {"SSESpecification"},
	"StateMachine": {"PropagateTags"},
	"LayerVersion": {"PublishLambdaVersion"},
	"CapacityProvider": strings.Fields(`VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn
		PropagateTags LoggingConfig ManagedResourceTags`),
	"MicrovmImage": strings.Fields(`BuildRoleArn BaseImageArn BaseImageVersion Logging EgressNetworkConnectors
		CpuConfigurations Resources AdditionalOsCapabilities Hooks EnvironmentVariables Tags PropagateTags`),
	"NetworkConnector": strings.Fields("OperatorRole Tags PropagateTags"),
	"WebSocketApi": strings.Fields(`AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings
		DisableExecuteApiEndpoint DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags
		RouteSelectionExpression RouteSettings StageVariables Tags`),
}

const serverless = "AWS::Serverless::"

// mergeGlobals merges the section Globals into each resource that it is
// about.
func mergeGlobals(template *tree.Value) error {
	globals, ok := template.Entry("Globals")
	if ok {
		if err := checkGlobals(globals); err != nil {
			return err
		}
	}
	var m merger
	for _, e := range template.Get("Resources").Entries() {
		name, _ := e.Value.Get("Type").Str()
		section, isSAM := strings.CutPrefix(name, serverless)
		if global := globals.Value.Get(section); isSAM && global != nil {
			global, err := withoutIgnored(e, global)
			if err != nil {
				return err
			}
			merged := m.merge(global, propertiesOf(e.Value), section)
			if m.copied > tree.MaxValues {
				return &tree.Error{Pos: globals.Key.Pos(), What: "Globals is merged into too many resources", Fix: "take out what few resources need"}
			}
			e.Value.Set("Properties", merged)
		}
		if name == API {
			fixVersion(e.Value.Get("Properties"))
		}
	}
	return nil
}

func checkGlobals(globals tree.Entry) error {
	fail := func(pos tree.Pos, what, fix string) error {
		return &tree.Error{Pos: pos, What: what, Why: refused, Fix: fix}
	}
	if !globals.Value.Is(tree.Map) {
		return fail(globals.Key.Pos(), "Globals is "+globals.Value.Kind().String()+", not a map", "fill it or remove it")
	}
	for _, section := range globals.Value.Entries() {
		known, ok := globalProperties[section.Name()]
		if !ok {
			return fail(section.Key.Pos(), fmt.Sprintf("Globals has a section %q, which SAM does not know", section.Key.Text()), nearestSection(section.Name()))
		}
		if !section.Value.Is(tree.Map) {
			return fail(section.Key.Pos(), fmt.Sprintf("Globals.%s is %s, not a map", section.Name(), section.Value.Kind()), "fill it or remove it")
		}
		for _, p := range section.Value.Entries() {
			if !slices.Contains(known, p.Name()) {
				return fail(p.Key.Pos(), fmt.Sprintf("Globals.%s may not set %q", section.Name(), p.Key.Text()), inGlobals(section.Name(), p.Name()))
			}
		}
	}
	return nil
}

// nearestSection says which section of Globals is likely to be meant.
func nearestSection(name string) string {
	if near := nearest(name, namesOf(globalProperties)); near != "" {
		return fmt.Sprintf("write %q", near)
	}
	return "use Function, Api, HttpApi or another of SAM's own resource types"
}

// inGlobals says where a property belongs that its section of Globals may not
// set, or under which name.
func inGlobals(section, name string) string {
	if other := corsOfOtherKind(section, name); other != "" {
		return other
	}
	if _, ok := resourceTypes[serverless+section][name]; ok {
		return "set it in the resources themselves"
	}
	if near := nearest(name, globalProperties[section]); near != "" {
		return fmt.Sprintf("write %q", near)
	}
	if near := nearest(name, namesOf(resourceTypes[serverless+section])); near != "" {
		return fmt.Sprintf("write %q, in the resources themselves", near)
	}
	return "remove it, or check its spelling and indentation"
}

// nearest returns the word that another is likely to be a misspelling of, or "".
func nearest(text string, words []string) string {
	best, found := len(text)/3+1, ""
	for _, w := range words {
		if d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(w)); d < best {
			best, found = d, w
		}
	}
	return found
}

// withoutIgnored returns the globals that a resource does not ignore.
func withoutIgnored(resource tree.Entry, global *tree.Value) (*tree.Value, error) {
	ignore := resource.Value.Get("IgnoreGlobals")
	if !ignore.Truthy() {
		return global, nil
	}
	rest := tree.NewMap(global.Pos())
	if ignore.EqualsString("*") {
		return rest, nil
	}
	fail := func(pos tree.Pos, what string) error {
		return &tree.Error{Pos: pos, What: fmt.Sprintf("IgnoreGlobals of resource %q ", resource.Name()) + what, Why: refused, Fix: `write "*" or a list of properties that Globals sets`}
	}
	if !ignore.Is(tree.List) {
		return nil, fail(ignore.Pos(), "is "+ignore.Kind().String())
	}
	for _, e := range global.Entries() {
		rest.SetEntry(e.Key, e.Value)
	}
	for _, item := range ignore.Items() {
		name, _ := item.Str()
		if !rest.Has(name) {
			return nil, fail(item.Pos(), fmt.Sprintf("names %q, which Globals does not set", item.Text()))
		}
		rest.Delete(name)
	}
	return rest, nil
}

// A merger merges Globals and counts the values that it copies.
type merger struct{ copied int }

// merge merges a global value with a resource's own: maps deep, lists one
// after the other; of anything else the resource's own counts. A function
// counts as a scalar.
func (m *merger) merge(global, own *tree.Value, path string) *tree.Value {
	if m.copied += 1 + global.Len() + own.Len(); m.copied > tree.MaxValues {
		return own
	}
	switch {
	case path == "Function.Architectures" || isIntrinsic(global) || isIntrinsic(own):
		return own
	case global.Is(tree.List) && own.Is(tree.List):
		return tree.NewList(own.Pos(), slices.Concat(global.Items(), own.Items())...)
	case global.Is(tree.Map) && own.Is(tree.Map):
		merged := tree.NewMap(own.Pos())
		for _, e := range global.Entries() {
			merged.SetEntry(e.Key, e.Value)
		}
		for _, e := range own.Entries() {
			value := e.Value
			if g, ok := merged.Entry(e.Name()); ok && e.Key.Is(tree.String) {
				value = m.merge(g.Value, e.Value, path+"."+e.Name())
			}
			merged.SetEntry(e.Key, value)
		}
		return merged
	}
	return own
}

// isIntrinsic reports whether v is a map of one key that names a function.
func isIntrinsic(v *tree.Value) bool {
	if !v.Is(tree.Map) || v.Len() != 1 {
		return false
	}
	name := v.Entries()[0].Name()
	return name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::")
}

var version3 = regexp.MustCompile(`^3(\.\d)(\.\d)?$`)

// fixVersion makes a string of an OpenApiVersion that YAML reads as a number,
// for definitions that SAM writes.
func fixVersion(properties *tree.Value) {
	v := properties.Get("OpenApiVersion")
	if v != nil && properties.Has(Managed) && version3.MatchString(v.Text()) {
		properties.Set("OpenApiVersion", tree.NewString(v.Pos(), v.Text()))
	}
}

// corsOfOtherKind is how an API has what was written as the other kind of API has
// its CORS setting. It is "" for anything else.
func corsOfOtherKind(section, name string) string {
	switch {
	case section == "Api" && name == "CorsConfiguration":
		return `a REST API has Cors, with one AllowOrigin, and each text of it in single quotes within double ones: Cors: {AllowOrigin: "'https://app.example.com'"}`
	case section == "HttpApi" && name == "Cors":
		return "an HTTP API has CorsConfiguration, with lists of values without single quotes: CorsConfiguration: {AllowOrigins: [https://app.example.com]}"
	}
	return ""
}
