# Writes a capture of an nlmon device, as base64, to the output. To make nlmon.pcap:
#
#     npm run -s uml -- sh site/test/captures/nlmon.sh | base64 -di >site/test/captures/nlmon.pcap
exec 3>&1 >/dev/null 2>&1
ip link add nlmon0 type nlmon && ip link set nlmon0 up
tcpdump -i nlmon0 -U -Z root -w /tmp/nlmon.pcap 2>/tmp/nlmon.err &
until grep -q listening /tmp/nlmon.err; do sleep 0.1; done
ip link add br0 address 02:00:00:00:00:01 type bridge
ip address add 192.0.2.1/24 dev br0
ip link set br0 up
ip route add 198.51.100.0/24 via 192.0.2.254
ip address add 192.0.2.1/24 dev br0 # refused: it is there
nft add table inet t
ip link del br0
sleep 1
kill $!
wait $!
base64 /tmp/nlmon.pcap >&3
