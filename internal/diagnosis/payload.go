package diagnosis

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// maxPayload is what Lambda takes of a request, as the event that is made of it, and
// of a response, in bytes.
const maxPayload = 6 << 20

const (
	uploadHint   = "have the page upload to S3, by a presigned URL that a function makes, or send less at a time"
	downloadHint = "have the function put it into S3 and give back a presigned URL, or give back less at a time"
)

// isTooLarge reports whether the body of a request makes its event larger than
// Lambda takes, so that no function can have answered.
func (x *Explainer) isTooLarge(e Evidence) bool {
	return e.Length > maxPayload || e.Length > 0 && x.inBase64(e) && base64.StdEncoding.EncodedLen(int(e.Length)) > maxPayload
}

// tooLarge explains the answer to such a request.
func (x *Explainer) tooLarge(e Evidence) Diagnosis {
	why := fmt.Sprintf("the request is larger than the 6 MB that Lambda takes: its body has %d bytes", e.Length)
	if e.Length <= maxPayload {
		why += ", and a third more as Base64, in which a function gets what is binary"
	}
	d := e.answered(PayloadTooLarge, why, uploadHint)
	r, _ := x.matched(e)
	d.ifBinary = x.binaryHints(mediaType(e.Header), r)
	return d
}

// inBase64 reports whether a function gets the request's body in Base64.
func (x *Explainer) inBase64(e Evidence) bool {
	return x.takesBinary(e) || x != nil && x.Echo && isBinary(e.Header)
}

// takesBinary reports whether SAM local takes the request's body for binary data. It
// has one list of media types for all APIs.
func (x *Explainer) takesBinary(e Evidence) bool {
	if x == nil || x.Template == nil {
		return false
	}
	for _, api := range x.Template.Deployed {
		if slices.Contains(api.BinaryTypes, "*/*") || slices.Contains(api.BinaryTypes, mediaType(e.Header)) {
			return true
		}
	}
	return false
}

// tooLarge tells the errors of runtimes that have got, or given back, more than
// Lambda takes.
func (f lambdaError) tooLarge() (Trouble, bool) {
	t := Trouble{Code: PayloadTooLarge, rank: rankNamed}
	switch {
	case f.ErrorType == "Runtime.UnmarshalError": // the emulator cuts off the event
		t.public, t.Hints = "the request is larger than the 6 MB that Lambda takes, as the event that is made of it", []string{uploadHint}
	case f.ErrorType == "RequestEntityTooLarge" && strings.HasPrefix(f.ErrorMessage, "Exceeded maximum allowed payload size"):
		t.public, t.Hints = "the function's response is larger than the 6 MB that Lambda takes", []string{downloadHint}
	default:
		return Trouble{}, false
	}
	t.Sentence, t.publicHints = t.public+": "+words(strings.TrimSuffix(f.ErrorMessage, ".")), t.Hints
	return t, true
}
