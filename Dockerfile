# An image with replypath and all that labs need:
#
#   docker build . --tag replypath
#   docker run --rm --cap-add SYS_ADMIN --security-opt apparmor=unconfined --volume "$PWD:/work" replypath run
#
# With virtual machines for other kernels too, which needs no rights of that kind: --target kernels.
# docs/containers.md says what each option is for.

FROM node:22-trixie-slim AS package
WORKDIR /replypath
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build \
 && npm pack \
 && npm install --global --prefix /opt/replypath --omit dev --no-audit --no-fund ./replypath-*.tgz

# Debian's own Node, without npm, is all that the command takes.
FROM debian:trixie-slim AS replypath
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      iproute2 iptables iputils-ping nftables nodejs perl-base tcpdump \
 && rm -rf /var/lib/apt/lists/*
COPY --from=package /opt/replypath /opt/replypath
ENV PATH=/opt/replypath/bin:$PATH
WORKDIR /work
ENTRYPOINT ["replypath"]
CMD ["run"]

# apt's lists stay: kernels are fetched by them.
FROM replypath AS kernels
RUN apt-get update \
 && apt-get install --yes --no-install-recommends busybox-static kmod qemu-system-x86 xz-utils

# What is built where no target is named.
FROM replypath
