#!/usr/bin/perl
# scripts/bench/echo.pl ADDRESS PORT
#
# Answers what comes by TCP and UDP with the same. Says `ready` once it listens.
use strict;
use warnings;
use Socket;

my ($address, $port) = @ARGV;
my $here = pack_sockaddr_in($port, inet_aton($address));
socket my $tcp, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
bind $tcp, $here or die "bind: $!\n";
listen $tcp, 5 or die "listen: $!\n";
socket my $udp, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
bind $udp, $here or die "bind: $!\n";
$| = 1;
print "ready\n";

while (1) {
    my $read = '';
    vec($read, fileno $_, 1) = 1 for $tcp, $udp;
    select $read, undef, undef, undef;
    if (vec $read, fileno $udp, 1) {
        my $peer = recv $udp, my $data, 65536, 0;
        send $udp, $data, 0, $peer;
    }
    if (vec $read, fileno $tcp, 1) {
        accept my $connection, $tcp or next;
        while (sysread $connection, my $data, 65536) { syswrite $connection, $data }
    }
}
