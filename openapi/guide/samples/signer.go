// Signs two requests with the standard library. Usage: go run signer.go ORIGIN KEY_ID KEY_FILE
// KEY_FILE is an Ed25519 private key (PKCS #8 PEM), or a file with the base64 of a shared secret.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// loadSigner returns a function from bytes to the bytes of their signature.
func loadSigner(path string) func([]byte) []byte {
	material := must(os.ReadFile(path))
	if block, _ := pem.Decode(material); block != nil {
		key := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(ed25519.PrivateKey)
		return func(data []byte) []byte { return ed25519.Sign(key, data) }
	}
	secret := must(base64.StdEncoding.DecodeString(strings.TrimSpace(string(material))))
	return func(data []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write(data)
		return mac.Sum(nil)
	}
}

// signRequest adds the header fields that sign the request; body holds the very bytes that are sent.
func signRequest(request *http.Request, body []byte, keyID string, sign func([]byte) []byte) {
	var names, lines []string
	cover := func(name, value string) {
		names = append(names, `"`+name+`"`)
		lines = append(lines, `"`+name+`": `+value)
	}
	cover("@method", request.Method)
	cover("@authority", strings.ToLower(request.URL.Host))
	cover("@path", request.URL.EscapedPath())
	if request.URL.RawQuery != "" {
		cover("@query", "?"+request.URL.RawQuery)
	}
	if len(body) > 0 {
		digest := sha256.Sum256(body)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest[:])+":")
		cover("content-type", request.Header.Get("Content-Type"))
		cover("content-digest", request.Header.Get("Content-Digest"))
	}
	nonce := make([]byte, 16) // a new one for every attempt, also for a retry
	must(rand.Read(nonce))
	created := time.Now().Unix()
	parameters := fmt.Sprintf(`(%s);created=%d;expires=%d;nonce="%s";keyid="%s";tag="sluice"`,
		strings.Join(names, " "), created, created+300, hex.EncodeToString(nonce), keyID)
	base := strings.Join(append(lines, `"@signature-params": `+parameters), "\n") // no line feed at the end
	request.Header.Set("Signature-Input", "sig="+parameters)
	request.Header.Set("Signature", "sig=:"+base64.StdEncoding.EncodeToString(sign([]byte(base)))+":")
}

func main() {
	origin, keyID, sign := must(url.Parse(os.Args[1])), os.Args[2], loadSigner(os.Args[3])
	send := func(method, target, body string) bool {
		request := must(http.NewRequest(method, origin.String()+target, bytes.NewBufferString(body)))
		signRequest(request, []byte(body), keyID, sign)
		answer := must(http.DefaultClient.Do(request))
		fmt.Printf("%s %s %d\n%s\n", method, target, answer.StatusCode, must(io.ReadAll(answer.Body)))
		return answer.StatusCode/100 == 2
	}
	read := send("GET", "/v1/products?sort=amount", "")
	asked := send("POST", "/v1/prechecks",
		`{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}`)
	if !read || !asked {
		os.Exit(1)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return value
}
