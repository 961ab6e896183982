package bcast.cluster.net;

import java.net.NetworkInterface;

/**
 * An interface on which a multicast group of one family can be joined. It equals another one
 * of the same name, addresses, index and family; the JDK's own equality ignores the index,
 * and with it that an interface was deleted and created again.
 *
 * @param card the interface
 * @param index its index when it was found
 * @param ipv6 whether for groups of IPv6, else of IPv4
 * @param loopback whether it leads to this host only
 */
public record Joinable(NetworkInterface card, int index, boolean ipv6, boolean loopback) {}
