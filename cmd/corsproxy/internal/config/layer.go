package config

// A layer is what one source says: the values that it gives, where it gives
// them, and what is wrong with it. A value that is wrong is left out of
// values, so that the rest can still be checked.
type layer struct {
	values   map[string]any              // by Key.Path
	items    map[string][]map[string]any // of Sections, by Key.Path; each by the Path within the item
	places   places
	mistakes Mistakes
	blank    bool // a file without any setting: empty, or of comments alone
}

func newLayer() *layer {
	return &layer{values: map[string]any{}, items: map[string][]map[string]any{}, places: places{}}
}

func (l *layer) mistake(p Place, key, text string) {
	l.mistakes = append(l.mistakes, Mistake{Place: p, Key: key, Text: text})
}

// texts takes over the texts that a flag or variable gives for k. Of several
// texts for a setting that is no list the last one counts, as everywhere
// on a command line.
func (l *layer) texts(k Key, p Place, texts ...string) {
	l.places[k.Path] = p
	if k.Kind == List || k.Kind == Texts {
		list := []string{}
		for _, text := range texts {
			list = append(list, k.parseList(text)...)
		}
		l.values[k.Path] = list
		return
	}
	value, err := k.parse(texts[len(texts)-1])
	if err != nil {
		l.mistake(p, k.Path, err.Error())
		return
	}
	l.values[k.Path] = value
}
