package demo

// CurlLines returns three commands to try in any shell: a preflight that the
// upstream refuses, the same through corsproxy, and a call to a path that does
// not exist, whose error names the cause.
func CurlLines(upstreamURL, proxyURL string) []string {
	return []string{
		"curl -i -X OPTIONS " + upstreamURL + "/scanRecords",
		"curl -i -X OPTIONS " + proxyURL + "/scanRecords",
		"curl -i " + proxyURL + "/scanRecord",
	}
}
