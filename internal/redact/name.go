package redact

import (
	"slices"
	"strings"
	"unicode"
)

// secretParts say within a name, whatever stands around them, that its value is
// a secret: X-Amz-Security-Token, jsessionid, client_secret, SAMLResponse.
var secretParts = [...]string{
	"token", "secret", "passw", "passcode", "passphrase", "credential", "signature", "session", "sessid", "cookie", "assertion",
	"csrf", "xsrf", "saml", "bearer", "oauth", "jwt", "verifier", "privatekey",
}

// secretWords say so as a word of their own: X-Auth, subscription-key, user[pwd].
var secretWords = [...]string{"auth", "pass", "pwd", "pw", "pin", "sid", "sess", "sig", "hmac", "otp", "totp", "access", "ticket", "cred", "creds"}

// openNames are fields with such a word in their names that hold none. Those
// whose names begin with Access-Control- are others.
var openNames = [...]string{
	"sec-websocket-key", "sec-websocket-accept", // of the handshake (RFC 6455, section 11.3)
	"accept-signature",                       // which ones are wanted (RFC 9421, section 5.1)
	"www-authenticate", "proxy-authenticate", // what a server asks for, not what it is told
}

// isSecret reports whether what a name stands for is a secret.
func isSecret(name string) bool {
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, "error") || strings.HasSuffix(lower, "exception") {
		return false // what stands behind it is what went wrong: KeyError, TokenExpiredError
	}
	for _, part := range secretParts {
		if strings.Contains(lower, part) {
			return true
		}
	}
	for _, word := range words(name) {
		for _, secret := range secretWords {
			if word == secret {
				return true
			}
		}
		// apikey, subscriptionKey, keys; authkey, authorization, but no author
		if strings.HasSuffix(strings.TrimSuffix(word, "s"), "key") || strings.HasSuffix(word, "auth") ||
			strings.HasPrefix(word, "auth") && word != "author" && word != "authors" && word != "authority" {
			return true
		}
	}
	return isOnce(lower)
}

// onceCodes are what codes are for, or how they come, that let in whoever has
// them, once: confirmation_code, oobCode, SMS_MFA_CODE. Other codes (of a status,
// an error, a country) are none.
var onceCodes = [...]string{
	"confirm", "confirmation", "verify", "verification", "oob", "device", "user", "mfa", "2fa", "tfa", "factor", "sms", "email", "challenge",
	"login", "signin", "onetime", "security", "magic", "reset", "recovery", "backup", "activation", "invite", "invitation",
}

// isOnce reports whether a name is that of such a code, or of what a user answers
// to a challenge of Cognito, or should.
func isOnce(lower string) bool {
	bare := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return r
	}, lower)
	if rest, ok := strings.CutSuffix(strings.TrimSuffix(bare, "s"), "code"); ok {
		return slices.ContainsFunc(onceCodes[:], func(what string) bool { return strings.HasSuffix(rest, what) })
	}
	return strings.Contains(bare, "challengeresponse") || strings.Contains(bare, "challengeanswer") || strings.Contains(bare, "privatechallenge")
}

// words parts a name where its letters end, and where small letters are followed
// by a capital one.
func words(name string) []string {
	var b strings.Builder
	small := false
	for _, r := range name {
		if unicode.IsUpper(r) && small {
			b.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		if !unicode.IsLetter(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}

// isSecretParam reports whether a parameter of a URL holds a secret. Its name may
// be percent-encoded, once or more often.
func isSecretParam(name string) bool {
	name = decode(name)
	if i := strings.LastIndexAny(name, "?&;#"); i >= 0 {
		name = name[i+1:] // of a URL within the URL
	}
	return isSecret(name) || strings.EqualFold(strings.TrimSpace(name), "code") // of OAuth (RFC 6749, section 4.1.2)
}

// decode decodes what is percent-encoded, and leaves what is not.
func decode(s string) string { return view{text: s}.decoded(true).text }

// isSecretField reports whether a header field, by its name, holds a secret.
// Those of CORS hold names and origins, and never secrets. Functions give fields
// back as members of JSON.
func isSecretField(name string) bool { return !isOpen(strings.ToLower(name)) && isSecret(name) }

// isOpen reports whether a header field is known to hold no secret, also as
// mappings of API Gateway name it: method.response.header.Access-Control-Max-Age.
func isOpen(lower string) bool {
	if i := strings.LastIndex(lower, ".header."); i >= 0 {
		lower = lower[i+len(".header."):]
	}
	return strings.HasPrefix(lower, "access-control-") || slices.Contains(openNames[:], lower)
}
