package bcast.cluster.net.discovery;

import java.net.NetworkInterface;

/**
 * An interface on which a multicast group of one address family can be joined. It equals another
 * one of the same name, addresses, index and family. The JDK's own equality ignores the index, and
 * so does not notice that an interface was deleted and created again.
 */
record MulticastInterface(NetworkInterface nic, int index, boolean ipv6, boolean loopback) {}
