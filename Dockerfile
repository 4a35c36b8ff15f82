# docker build -t cispec . && docker run --rm cispec run
FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY . .
RUN Scripts/install-dependencies build
RUN make dist && mkdir /out && tar xzf .build/dist/cispec-*-linux-*.tar.gz --strip-components=1 -C /out

FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates libcurl4 libmicrohttpd12 libmimalloc2.0 libsqlite3-0 libssl3 libxml2 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home cispec && mkdir /data && chown cispec /data
COPY --from=build /out /usr/local
USER cispec
WORKDIR /data
ENTRYPOINT ["cispec"]
CMD ["--help"]
