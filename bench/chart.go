package main

import (
	"bytes"
	"fmt"
	"html"
)

// A chart shows a figure of some loads as bars, each as a multiple of nginx's.
type chart struct {
	file, title string
	loads       []load
	of          figure
}

func charts() []chart {
	all := loads()
	busy := []load{all[2], all[3], all[7]} // at 32 connections
	return []chart{
		{"performance-cpu.svg", "Requests for a second of CPU time, as a multiple of nginx's, 32 connections", busy, result.perCPUSecond},
		{"performance-rate.svg", "Requests per second, as a multiple of nginx's, 32 connections", busy, result.perSecond},
	}
}

// The measures of a chart, in pixels.
const (
	barHeight = 16
	barGap    = 4
	labels    = 190
	bars      = 420
	width     = labels + bars + 60
)

// draw returns the chart as SVG, readable on a light and on a dark page.
func (r *report) draw(c chart) []byte {
	most := 1.0
	for _, l := range c.loads {
		for _, p := range r.field.contestants {
			most = max(most, r.ratio(l, p.name, "nginx", c.of))
		}
	}
	var b bytes.Buffer
	row := barHeight + barGap
	height := 40 + len(c.loads)*(len(r.field.contestants)*row+34)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" role="img" aria-label=%q font-family="system-ui, sans-serif" font-size="12">`,
		width, height, width, html.EscapeString(c.title))
	b.WriteString(`<style>text{fill:#333}.bar{fill:#8aa4c0}.own{fill:#d9822b}@media (prefers-color-scheme:dark){text{fill:#ddd}.bar{fill:#5b7794}}</style>`)
	y := 20
	fmt.Fprintf(&b, `<text x="0" y="%d" font-weight="600">%s</text>`, y, html.EscapeString(c.title))
	for _, l := range c.loads {
		y += 30
		fmt.Fprintf(&b, `<text x="0" y="%d" font-weight="600">%s</text>`, y, html.EscapeString(l.kind))
		y += 8
		for _, p := range r.field.contestants {
			ratio := r.ratio(l, p.name, "nginx", c.of)
			class := "bar"
			if p.name == "corsproxy" {
				class = "own"
			}
			length := ratio / most * bars
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/><text x="%.1f" y="%d">%.2f</text>`,
				labels-8, y+12, html.EscapeString(p.name), class, labels, y, length, barHeight, labels+length+6, y+12, ratio)
			y += row
		}
		y -= 4
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
