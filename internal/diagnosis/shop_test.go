package diagnosis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// shop is a realistic application.
func shop(t testing.TB) *diagnosis.Explainer {
	t.Helper()
	a, err := sam.Load(filepath.Join("testdata", "shop", "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return diagnosis.NewExplainer(diagnosis.Knowledge{Template: a, BasePaths: []string{"/store"}})
}

// wrongRequests are requests to the shop that no route takes. Each line has the
// code, the request, and the route that the diagnosis puts first; "-" is none.
const wrongRequests = `
CP3001 GET /item                             GET /items
CP3001 GET /itmes                            GET /items
CP3001 GET /itmes/7                          GET /items/{id}
CP3001 POST /itemz                           POST /items
CP3001 GET /items/7/review                   GET /items/{id}/reviews
CP3001 GET /items/7/revieuws/3               GET /items/{id}/reviews/{reviewId}
CP3001 GET /user/7                           GET /users/{userId}
CP3001 DELETE /usres/7                       DELETE /users/{userId}
CP3001 GET /users/7/order                    GET /users/{userId}/orders
CP3001 POST /order                           POST /orders
CP3001 POST /orders/9/cancell                POST /orders/{orderId}/cancel
CP3001 GET /admin/report                     GET /admin/reports
CP3001 GET /fils/a                           ANY
CP3001 GET /basket                           ANY
CP3001 PUT /nothing/like/it                  ANY
CP3001 GET /admin                            ANY
CP3001 GET /nowhere/7/x                      ANY
CP3002 DELETE /items                         GET /items
CP3002 PUT /items                            GET /items
CP3002 PATCH /items?limit=3                  GET /items
CP3002 POST /items/7                         GET /items/{id}
CP3002 PATCH /items/7/                       GET /items/{id}
CP3002 POST /items/7/reviews                 GET /items/{id}/reviews
CP3002 POST /users/7                         DELETE /users/{userId}
CP3002 GET /orders                           POST /orders
CP3002 GET /orders/                          POST /orders
CP3002 GET //orders                          POST /orders
CP3002 GET /orders/9/cancel                  POST /orders/{orderId}/cancel
CP3002 OPTIONS /orders                       POST /orders
CP3002 GET /adminLogin                       POST /adminLogin
CP3002 PUT /items/undefined/reviews          GET /items/{id}/reviews
CP3002 POST /items/{id}                      GET /items/{id}
CP3002 patch /items/7                        GET /items/{id}
CP3003 GET /files                            GET /files/{proxy+}
CP3003 GET /files/                           GET /files/{proxy+}
CP3003 POST /files                           POST /files/{proxy+}
CP3003 PATCH /files/?prefix=a                PATCH /files/{proxy+}
CP3004 GET /Prod/items                       GET /items
CP3004 GET /Prod/items/7                     GET /items/{id}
CP3004 GET /Prod/items/undefined             GET /items/{id}
CP3004 GET /Prod/files/a/b                   GET /files/{proxy+}
CP3004 GET /live/items/7                     GET /items/{id}
CP3004 GET /live/items/                      GET /items
CP3004 POST /dev/orders                      POST /orders
CP3004 GET /staging/users/7/orders           GET /users/{userId}/orders
CP3004 GET /v1/items                         GET /items
CP3004 DELETE /v2/users/7                    DELETE /users/{userId}
CP3004 GET /prod/admin/reports               GET /admin/reports
CP3004 GET //Prod/items                      GET /items
CP3004 GET /Prod/Items                       GET /items
CP3004 GET /Prod/users/                      GET /users/{userId}
CP3004 GET /Prod/files/                      GET /files/{proxy+}
CP3004 GET /Prod/orders                      POST /orders
CP3004 GET /Prod/itmes/7                     GET /items/{id}
CP3004 POST /live/items/7                    GET /items/{id}
CP3005 GET /api/items                        GET /items
CP3005 GET /api/items/7                      GET /items/{id}
CP3005 POST /api/orders/9/cancel             POST /orders/{orderId}/cancel
CP3005 GET /store/items                      GET /items
CP3005 GET /store/users/                     GET /users/{userId}
CP3005 GET /backend/users/7                  GET /users/{userId}
CP3005 GET /shop/items                       GET /items
CP3005 GET /shop/files/x                     GET /files/{proxy+}
CP3005 GET /reports                          GET /admin/reports
CP3005 GET /exports/latest                   GET /admin/exports/latest
CP3005 GET /api/Items                        GET /items
CP3005 GET /api/users/                       GET /users/{userId}
CP3005 DELETE /api/items/7                   GET /items/{id}
CP3006 GET /users                            GET /users/{userId}
CP3006 GET /users/                           GET /users/{userId}
CP3006 DELETE /users/                        DELETE /users/{userId}
CP3006 PUT /items/                           PUT /items/{id}
CP3006 POST /orders/cancel                   POST /orders/{orderId}/cancel
CP3006 PUT /users                            DELETE /users/{userId}
CP3007 GET /items/7/stock                    GET /items/{id}
CP3007 GET /items/a/b/c                      GET /items/{id}
CP3007 GET /items/7/reviews/3/votes          GET /items/{id}/reviews/{reviewId}
CP3007 GET /users/7/orders/9                 GET /users/{userId}/orders
CP3007 POST /orders/9                        POST /orders
CP3007 GET /admin/reports/2026               GET /admin/reports
CP3007 POST /adminLogin/now                  POST /adminLogin
CP3008 GET /items/a%2Fb                      GET /items/{id}
CP3008 GET /items/a%2fb/reviews              GET /items/{id}/reviews
CP3008 GET /users/a%2Fb%2Fc                  GET /users/{userId}
CP3004 GET /Prod/items/a%2Fb                 GET /items/{id}
CP3009 GET /Items                            GET /items
CP3009 GET /ITEMS/Ab                         GET /items/{id}
CP3009 GET /items/Ab/Reviews                 GET /items/{id}/reviews
CP3009 POST /adminlogin                      POST /adminLogin
CP3009 GET /Files/a/B                        GET /files/{proxy+}
CP3009 DELETE /Items/7                       GET /items/{id}
CP3010 GET /{stage}/items                    GET /items
CP3010 GET /$%7BAPI%7D/items/7               GET /items/{id}
CP3010 GET /{{baseUrl}}/items                GET /items
CP3010 GET /:env/users/7                     GET /users/{userId}
CP3010 GET /carts/%7Bid%7D                   ANY
CP3011 GET /undefined/items                  GET /items
CP3011 GET /null/users/7                     GET /users/{userId}
CP3011 GET /undefined/Items                  GET /items
CP3011 GET /carts/undefined                  ANY
CP3011 GET /%5Bobject%20Object%5D            ANY
CP3011 GET /carts/NaN/lines                  ANY
CP3012 GET /items%3Flimit=3                  GET /items
CP3012 GET /items/7/reviews%3Fa=b&c=d        GET /items/{id}/reviews
CP3012 GET /items&limit=3                    GET /items
CP3012 POST /orders%3fdry=1                  POST /orders
CP3013 GET /items//7                         GET /items/{id}
CP3013 GET /users/7//orders                  GET /users/{userId}/orders
CP3013 GET /admin//Reports                   GET /admin/reports
CP3017 GET /health                           GET /health
CP3017 GET /legacy/catalogue.php             GET /legacy/{proxy+}
CP3017 DELETE /legacy/a/b                    DELETE /legacy/{proxy+}
CP3019 GET /rates                            GET /rates
CP3021 GET /                                 ANY
CP3021 GET /thumbnails/cat.png               ANY
CP3022 POST /@connections/abc                -
CP3026 TRACE /items                          ANY
CP3026 QUERY /items                          ANY
CP3026 PROPFIND /nowhere                     -
CP3027 GET /favicon.ico                      -
CP3027 GET /.well-known/appspecific/com.chrome.devtools.json -
CP3027 GET /assets/app.js.map                -
CP3027 GET /apple-touch-icon-120x120.png     -
`

func TestWrongRequests(t *testing.T) {
	t.Parallel()
	x := shop(t)
	for line := range strings.Lines(strings.TrimSpace(wrongRequests)) {
		f := strings.Fields(line)
		code, request, route := diagnosis.Code(f[0]), f[1]+" "+f[2], strings.Join(f[3:], " ")
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			d, ok := x.MissingToken(tokenEvidence(request))
			if !ok || d.Code != code {
				t.Fatalf("%s\n%s\nwant %s", d, strings.Join(d.Hints, "\n"), code)
			}
			first := "-"
			if len(d.Routes) > 0 {
				first = d.Routes[0].Method + " " + d.Routes[0].Path
			}
			if route != "ANY" && first != route {
				t.Errorf("%s\nthe first route is %s, want %s", d, first, route)
			}
		})
	}
}
