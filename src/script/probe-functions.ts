import { bash } from './shell.js';

/** How a flow is watched: what tcpdump captured since it began is its own, because no other flow is under way. */
export const WATCH = bash`
declare -A seen

# watch TITLE EXPECTED: what is captured from here on belongs to this flow.
watch() {
  local node
  printf '\n-- %s\n   %s\n' "$1" "$2"
  sleep 0.1
  for node in "\${nodes[@]}"; do seen[$node]=$(stat -c %s "/run/lab/$node.pcap"); done
}

# passages NODE FILTER: the interfaces by which the flow's packets that match went in and out, in order.
passages() {
  local device direction word list=''
  while read -r _ device direction _; do
    case $direction in
      In | B | M) word="in $device" ;;
      Out) word="out $device" ;;
      *) continue ;;  # P: meant for another host
    esac
    [[ ", $list," == *", $word,"* ]] || list+="\${list:+, }$word"
  done < <(
    { head -c 24 "/run/lab/$1.pcap"; tail -c "+$((seen[$1] + 1))" "/run/lab/$1.pcap"; } |
      on "$1" tcpdump -n -q -r - "$2" 2>/dev/null
  )
  echo "\${list:--}"
}

# show IPv4|IPv6 [PORT SOURCE_PORT]: by which interfaces each node saw request, reply and errors about either. A port
# that NAT has changed is no port to go by, but the other one is; without ports the flow is an echo (ping).
show() {
  local node request reply errors
  sleep 0.2
  request="dst port \${2-} or src port \${3-}" reply="src port \${2-} or dst port \${3-}"
  if [[ $1 == IPv4 ]]; then
    if (($# == 1)); then request='icmp[icmptype] = icmp-echo' reply='icmp[icmptype] = icmp-echoreply'; fi
    errors='icmp and icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply'
  else
    if (($# == 1)); then request='icmp6 and ip6[40] = 128' reply='icmp6 and ip6[40] = 129'; fi
    errors='icmp6 and ip6[40] < 128'
  fi
  for node in "\${nodes[@]}"; do
    if (($(stat -c %s "/run/lab/$node.pcap") == seen[$node])); then continue; fi
    set -- "$(passages "$node" "$request")" "$(passages "$node" "$reply")" "$(passages "$node" "$errors")"
    [[ $* == '- - -' ]] || printf '   %-10s request %-22s reply %-22s errors %s\n' "$node" "$@"
  done
}
`;

/** What answers over TCP and UDP, and what asks, as the agent of `run` does. */
export const SOCKETS = bash`
# listen NODE tcp|udp BINDING ADDRESS PORT: answers until the end of the step; returns once it is bound.
listen() {
  local ready
  exec {ready}< <(exec nsenter --target "\${pid[$1]}" --net --mount --uts -- perl -e "$sockets" listen "\${@:2}")
  listeners+=($!)
  read -r -u "$ready"
  exec {ready}<&-
}

close_listeners() {
  kill "\${listeners[@]}"
  listeners=()
}

# ask NODE tcp|udp ADDRESS PORT BIND_ADDRESS BIND_PORT DEVICE TIMEOUT_MS TOKEN COUNT SIZE [INTERVAL_MS]
ask() {
  on "$1" perl -e "$sockets" ask "\${@:2}"
}

listeners=()
sockets=$(cat <<'PERL'
use strict;
use warnings;
use Socket qw(:all);
$| = 1;
my ($what, $protocol, @arguments) = @ARGV;
$what eq 'listen' ? answer(@arguments) : ask(@arguments);

# A socket, bound; an empty address is the wildcard of the family.
sub bound_socket {
    my ($family, $address, $port, $device) = @_;
    socket my $socket, $family, $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0 or return;
    setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 1 if $family == AF_INET6;
    setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1 if $protocol eq 'tcp';
    if (length $device) { setsockopt $socket, SOL_SOCKET, 25, "$device\0" or return }    # SO_BINDTODEVICE
    bind $socket, name_of($family, length $address ? $address : $family == AF_INET ? '0.0.0.0' : '::', $port) or return;
    return $socket;
}

sub name_of {
    my ($family, $address, $port) = @_;
    my $packed = inet_pton($family, $address);
    return $family == AF_INET ? pack_sockaddr_in($port, $packed) : pack_sockaddr_in6($port, $packed);
}

# Requests say q and their number, answers r.
sub answer_to { return $_[0] =~ s/(rp[0-9a-f]{16})q(\d{4})/$1r$2/r }

sub wait_for {
    my ($how, $seconds, @sockets) = @_;
    my $bits = '';
    vec($bits, fileno $_, 1) = 1 for @sockets;
    my ($read, $write) = $how eq 'read' ? ($bits, undef) : (undef, $bits);
    return select($read, $write, undef, $seconds) > 0 ? grep { vec $read // $write, fileno $_, 1 } @sockets : ();
}

sub answer {
    my ($binding, $address, $port) = @_;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my $socket = bound_socket($family, $address, $port, '') or die "cannot listen on $protocol/$port of $address: $!\n";
    listen $socket, 128 if $protocol eq 'tcp';
    my ($level, $option) = $family == AF_INET ? (0, 8) : (41, 49);    # IP_PKTINFO, IPV6_RECVPKTINFO
    setsockopt $socket, $level, $option, 1 if $binding eq 'pktinfo';
    print "ready\n";
    my %connections;
    while (1) {
        for my $ready (wait_for('read', undef, $socket, values %connections)) {
            if ($ready != $socket) {
                if (sysread $ready, my $request, 65536) { syswrite $ready, answer_to($request) }
                else { delete $connections{ fileno $ready }; close $ready }
            }
            elsif ($protocol eq 'tcp') {
                accept my $connection, $socket or next;
                $connections{ fileno $connection } = $connection;
            }
            elsif ($binding eq 'pktinfo') { answer_by_pktinfo($socket) }
            else {
                my $peer = recv $socket, my $request, 65536, 0;
                send $socket, answer_to($request), 0, $peer if defined $peer && length $peer;
            }
        }
    }
}

# From the address that was asked, by whatever way the routing says: recvmsg(2), sendmsg(2), ip(7), ipv6(7).
sub answer_by_pktinfo {
    my ($socket) = @_;
    my ($recvmsg, $sendmsg) = qx(uname -m) =~ /^x86_64/ ? (47, 46) : (212, 211);
    my ($name, $data, $controls) = ("\0" x 28, "\0" x 65536, "\0" x 256);
    my $vector = pack 'P Q', $data, length $data;
    my $header = pack 'P L x4 P Q P Q l x4', $name, length $name, $vector, 1, $controls, length $controls, 0;
    my $length = syscall $recvmsg, fileno $socket, $header, 0;
    return if $length < 0;
    my ($name_length) = unpack 'x8 L', $header;
    my (undef, $level) = unpack 'Q l', $controls;
    my $answer = answer_to(substr $data, 0, $length);
    my $asked = $level == 0
        ? pack('Q l l l a4 a4 x4', 28, 0, 8, 0, unpack('x24 a4', $controls), "\0" x 4)
        : pack('Q l l a16 l x4', 36, 41, 50, unpack('x16 a16', $controls), 0);
    my $peer = substr $name, 0, $name_length;
    $vector = pack 'P Q', $answer, length $answer;
    $header = pack 'P L x4 P Q P Q l x4', $peer, length $peer, $vector, 1, $asked, length $asked, 0;
    syscall $sendmsg, fileno $socket, $header, 0;
}

sub ask {
    my ($address, $port, $bind_address, $bind_port, $device, $timeout, $token, $count, $size, $interval) = @_;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my @payloads = map { my $text = sprintf 'rp%sq%04d', $token, $_; $text . '.' x ($size - length $text) } 1 .. $count;
    my $socket = bound_socket($family, $bind_address, $bind_port, $device) or return told('bind', 0, $count);
    my $seconds = $timeout / 1000;
    my $pause = sub { select undef, undef, undef, $interval / 1000 if $interval };
    my $peer = name_of($family, $address, $port);
    return $protocol eq 'tcp' ? ask_tcp($socket, $peer, $seconds, $pause, @payloads) : ask_udp($socket, $peer, $seconds, $pause, @payloads);
}

# One connection; each payload is sent when the one before has been answered in full.
sub ask_tcp {
    my ($socket, $peer, $seconds, $pause, @payloads) = @_;
    fcntl $socket, 4, 04000;    # F_SETFL, O_NONBLOCK
    if (!connect $socket, $peer) {
        return told('connect', 0, scalar @payloads) unless $!{EINPROGRESS};
        if (!wait_for('write', $seconds, $socket)) { $! = 110; return told('connect', 0, scalar @payloads) }    # ETIMEDOUT
        if ($! = unpack 'l', getsockopt $socket, SOL_SOCKET, SO_ERROR) { return told('connect', 0, scalar @payloads) }
    }
    my $answered = 0;
    for my $payload (@payloads) {
        defined syswrite $socket, $payload or last;
        my $missing = length $payload;
        while ($missing > 0) {
            if (!wait_for('read', $seconds, $socket)) { $! = 110; return told('data', $answered, scalar @payloads) }
            my $count = sysread $socket, my $answer, 65536;
            return told('data', $answered, scalar @payloads) unless $count;
            $missing -= $count;
        }
        $answered++;
        $pause->();
    }
    $! = 0;
    return told('done', $answered, scalar @payloads);
}

# All datagrams at once, then their answers, from whatever address, and the errors that came for them.
sub ask_udp {
    my ($socket, $peer, $seconds, $pause, @payloads) = @_;
    my ($level, $option) = sockaddr_family($peer) == AF_INET ? (0, 11) : (41, 25);    # IP_RECVERR, IPV6_RECVERR
    setsockopt $socket, $level, $option, 1;
    my ($sent, $answered, $errors, $error) = (0, 0, 0, 0);
    for my $payload (@payloads) {
        if (my $pending = unpack 'l', getsockopt $socket, SOL_SOCKET, SO_ERROR) { $errors++; $error = $pending }
        defined send $socket, $payload, 0, $peer and $sent++ or $error = $! + 0;
        $pause->();
    }
    while ($answered + $errors < $sent) {
        wait_for('read', $seconds, $socket) or last;
        if (defined recv $socket, my $answer, 65536, 0) { $answered++ } else { $errors++; $error = $! + 0 }
    }
    $! = $error;
    return told($sent ? $answered + $errors < $sent ? 'data' : 'done' : 'send', $answered, scalar @payloads);
}

sub told {
    my ($phase, $answered, $count) = @_;
    print "$protocol: $phase, $answered of $count answered", $! + 0 ? ", $!" : '', "\n";
}
PERL
)
`;
