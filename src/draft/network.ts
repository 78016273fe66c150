/** A small network to be changed into one's own: two ways to a host, one default route. */
export const NEW_NETWORK = `title: A host with a gateway on each of two interfaces, and a client beyond both
# Flows are judged at this node where they have to do with it.
nodeUnderTest: host
nodes:
  host:
    interfaces:
      eth0: { addresses: [192.0.2.10/24] } # IPv6 addresses stand in the same list
      eth1: { addresses: [198.51.100.10/24] }
    routes:
      - { to: default, via: 192.0.2.1 }
  gw1:
    forwarding: true
    interfaces:
      lan: { addresses: [192.0.2.1/24] }
      wan: { addresses: [203.0.113.1/24] }
  gw2:
    forwarding: true
    interfaces:
      lan: { addresses: [198.51.100.1/24] }
      wan: { addresses: [203.0.113.2/24] }
  client:
    interfaces:
      eth0: { addresses: [203.0.113.9/24] }
    routes:
      - { to: 192.0.2.0/24, via: 203.0.113.1 }
      - { to: 198.51.100.0/24, via: 203.0.113.2 }
# A link is a cable, a segment is a switch.
links:
  - [host:eth0, gw1:lan]
  - [host:eth1, gw2:lan]
segments:
  outside: [gw1:wan, gw2:wan, client:eth0]
`;
