package bcast.cluster.net.discovery;

import bcast.base.Context;
import bcast.base.LoggedTexts;
import bcast.base.Metric;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Sends and receives datagrams by multicast on every interface that is up: to an IPv4 group if
 * the interface has an IPv4 address, and to an IPv6 group if it has a link-local one.
 *
 * <p>The IPv6 group is {@code ff12::} followed by the 32 bits of the IPv4 group, by default
 * {@code ff12::efff:4d4d}. Its scope is the link and its flag T marks it as not assigned by IANA
 * (RFC 4291, 2.7). Each IPv4 group lies in the range for such group ids (RFC 3307, 4.3).
 *
 * <p>No fault ends the node: it is counted and logged once, and the next scan tries again.
 */
final class Multicast {

    static final Metric FAULTS = Metric.counter("bcast_multicast_faults_total",
            "Faults of multicast, by what failed.");
    static final Metric SEND_FAILED = FAULTS.with("what", "send");
    static final Metric JOIN_FAILED = FAULTS.with("what", "join");
    static final Metric RECEIVE_FAILED = FAULTS.with("what", "receive");

    /** Most interfaces named in a line of the log; further ones are only counted. */
    private static final int MAX_NAMES = 8;

    private enum Reach { UNKNOWN, NOWHERE, HOST, NETWORK }

    private final List<GroupSockets> groups;
    private final boolean onHostOnly;
    private final Context context;
    private final LoggedTexts logged = new LoggedTexts();
    /** Where sending failed since the last scan, and between that and the scan before it. */
    private Set<MulticastInterface> unsent = new HashSet<>();
    private Set<MulticastInterface> unsentBefore = Set.of();
    private Reach reach = Reach.UNKNOWN;

    /** Nothing is joined before the first scan. The group's port is that of both groups. */
    Multicast(InetSocketAddress group, Optional<InetAddress> bind, Selector selector,
            Context context) {
        this.groups = List.of(GroupSockets.of(group, selector), GroupSockets.of(
                new InetSocketAddress(ipv6(group.getAddress()), group.getPort()), selector));
        this.onHostOnly = bind.filter(InetAddress::isLoopbackAddress).isPresent();
        this.context = context;
        context.counters().declare(List.of(SEND_FAILED, JOIN_FAILED, RECEIVE_FAILED));
    }

    private static InetAddress ipv6(InetAddress ipv4) {
        byte[] address = new byte[16];
        address[0] = (byte) 0xff;
        address[1] = 0x12;
        System.arraycopy(ipv4.getAddress(), 0, address, 12, 4);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a wrong length", e);
        }
    }

    void rescan(Interfaces found) {
        unsentBefore = unsent;
        unsent = new HashSet<>();
        for (GroupSockets group : groups) {
            Set<MulticastInterface> wanted = found.multicast().stream()
                    .filter(each -> each.ipv6() == group.ipv6())
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            Map<MulticastInterface, String> failed = group.rescan(wanted,
                    context.clock().steadyMs());
            context.counters().add(JOIN_FAILED, failed.size());
            log("cannot join the multicast group " + group.name(), failed);
        }
        logReach();
    }

    /** Logs the interfaces on which peers are looked for, at first and when the reach changes. */
    private void logReach() {
        List<MulticastInterface> joined =
                groups.stream().flatMap(group -> group.joined().stream()).toList();
        boolean network = joined.stream().anyMatch(each -> !each.loopback());
        Reach now = network ? Reach.NETWORK : joined.isEmpty() ? Reach.NOWHERE : Reach.HOST;
        if (now == reach) {
            return;
        }
        reach = now;
        String none = " interface is up with an IPv4 or an IPv6 link-local address and has joined "
                + "the group; name nodes on other hosts in -peers";
        if (joined.isEmpty()) {
            context.log().warn("not looking for peers by multicast: no" + none);
            return;
        }
        context.log().always("looking for peers by multicast " + groups.stream()
                .filter(group -> !group.joined().isEmpty())
                .map(group -> group.name() + " on " + names(group.joined()))
                .collect(Collectors.joining(" and "))
                + (network || onHostOnly ? "" : ", on this host only: no other" + none));
    }

    /** Logs each fault of an interface once. */
    private void log(String what, Map<MulticastInterface, String> failed) {
        Map<String, List<MulticastInterface>> byReason = new LinkedHashMap<>();
        failed.forEach((where, why) -> {
            if (logged.add(what + where.nic().getName() + why)) {
                byReason.computeIfAbsent(why, any -> new ArrayList<>()).add(where);
            }
        });
        byReason.forEach((why, where) -> context.log().warn(what + " on " + names(where) + ": "
                + why + "; trying again"));
    }

    private static String names(Collection<MulticastInterface> where) {
        String names = where.stream().limit(MAX_NAMES).map(each -> each.nic().getName())
                .collect(Collectors.joining(", "));
        int more = where.size() - MAX_NAMES;
        return more <= 0 ? names : names + " and " + more + " more";
    }

    void send(ByteBuffer datagram) {
        for (GroupSockets group : groups) {
            Map<MulticastInterface, String> failed = group.send(datagram);
            context.counters().add(SEND_FAILED, failed.size());
            unsent.addAll(failed.keySet());
            // A single fault may be due to an interface that just changed, or to an IPv6 address
            // that is not ready for use yet.
            failed.keySet().retainAll(unsentBefore);
            log("cannot send to the multicast group " + group.name(), failed);
        }
    }

    /** Whether a key is that of a socket to {@link #receive} from. */
    static boolean owns(SelectionKey key) {
        return key.attachment() instanceof GroupChannel;
    }

    /** Reads a datagram. Returns its sender, or empty if there is none for now. */
    Optional<InetAddress> receive(SelectionKey key, ByteBuffer to) {
        GroupChannel socket = (GroupChannel) key.attachment();
        try {
            return Optional.ofNullable(socket.receive(to)).map(InetSocketAddress::getAddress);
        } catch (IOException e) {
            context.counters().count(RECEIVE_FAILED);
            if (logged.add("receive: " + e.getMessage())) {
                context.log().warn("cannot receive multicast: " + e.getMessage()
                        + "; opening the socket again");
            }
            groups.forEach(group -> group.failed(socket));
            return Optional.empty();
        }
    }

    void close() {
        groups.forEach(GroupSockets::close);
    }
}
