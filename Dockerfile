# The image of corsproxy: one static binary, and nothing else.
#
#   docker build -t corsproxy .
#   docker run --rm --read-only --cap-drop ALL --network host \
#     -e CORSPROXY_LISTEN=127.0.0.1:8080 corsproxy
#
# It builds with BuildKit and with the classic builder.

ARG GO_IMAGE=golang:1.26
FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG REVISION=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=${VERSION} -X main.revision=${REVISION}" \
    -o /out/corsproxy ./cmd/corsproxy

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="corsproxy" \
      org.opencontainers.image.description="Answers CORS preflights in front of sam local start-api, and explains its 403" \
      org.opencontainers.image.source="https://github.com/corsproxy/corsproxy" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# For an upstream that speaks TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/corsproxy /corsproxy
# corsproxy.yaml is looked for here. Mount the folder rather than the file:
# editors replace a file, and a mounted file does not follow.
WORKDIR /etc/corsproxy
# Inside a container loopback is out of reach of everyone else.
ENV CORSPROXY_LISTEN=0.0.0.0:8080
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/corsproxy", "healthcheck"]
ENTRYPOINT ["/corsproxy"]
