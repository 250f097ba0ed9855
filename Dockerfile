# The image of webhook-config/base: make image.
ARG SWIFT=6.3
FROM swift:${SWIFT}-bookworm AS build
WORKDIR /sluice
COPY Makefile ./
COPY Tests/install-packages Tests/
RUN make deps && rm -rf /var/lib/apt/lists/*
COPY Package.swift ./
COPY Sources Sources
# Compiled in: sluice review applies the schemas of the definitions.
COPY webhook-config/crds webhook-config/crds
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib -Xlinker -s --product sluice \
    && install -D .build/release/sluice /out/sluice

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libssl3 libnghttp2-14 libsimdjson14 libyaml-0-2 libwslay1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/sluice /usr/local/bin/sluice
# Numbers, so that runAsNonRoot can tell without looking into the image.
USER 65532:65532
EXPOSE 9443 8080
ENTRYPOINT ["/usr/local/bin/sluice"]
CMD ["serve", "--help"]
