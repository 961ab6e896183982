package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.NodeId;
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
 * Sends and receives announcements by multicast on every interface that is up: to an IPv4 group if
 * the interface has an IPv4 address, and to an IPv6 group if it has a link-local one.
 *
 * <p>The IPv6 group is {@code ff12::} followed by the 32 bits of the IPv4 group, so that clusters
 * with different IPv4 groups have different IPv6 groups: {@code ff12::efff:4d4d} by default. Its
 * scope is the link and its flag T marks it as not assigned by IANA (RFC 4291, 2.7). Each IPv4
 * group lies in the range for such group ids, 0x80000000 and above (RFC 3307, 4.3).
 *
 * <p>No fault ends the node: it is counted and logged once, and the next scan tries again. A node
 * hears another one on each interface and in each family; announcements are idempotent. Owned by
 * the cluster's thread.
 */
public final class Multicast {

    /** Counts announcements that could not be sent on an interface. */
    public static final String SEND_FAILED = "multicast_send_failed";
    /** Counts interfaces that could not be joined. */
    public static final String JOIN_FAILED = "multicast_join_failed";
    /** Counts sockets closed because they could not be read. */
    public static final String RECEIVE_FAILED = "multicast_receive_failed";
    /** Counts datagrams that were not announcements of this protocol. */
    public static final String BROKEN = "multicast_broken";
    /**
     * Counts announcements that are not signed with this cluster's secret, or too old, or that are
     * signed although this node has no secret.
     */
    public static final String UNPROVEN = "multicast_unproven";

    /** Datagrams read in search of an announcement before other sockets get their turn. */
    private static final int DATAGRAMS_A_TURN = 64;

    /** Most interfaces named in a line of the log; further ones are only counted. */
    private static final int MAX_NAMES = 8;

    /**
     * An announcement.
     *
     * @param cluster name of the cluster
     * @param node the node that announces itself
     * @param address where it listens; an empty host stands for the datagram's source
     */
    public record Announcement(String cluster, NodeId node, Address address) {}

    /**
     * An announcement that was heard.
     *
     * @param announcement its content, with the host filled in
     * @param source the sender
     * @param from the sender's address in a form that can be dialled
     * @param authenticated whether its signature and time are right, see {@link #UNPROVEN}
     */
    public record Heard(Announcement announcement, InetAddress source, String from,
            boolean authenticated) {}

    /** How far announcements reach. */
    private enum Reach { UNKNOWN, NOWHERE, HOST, NETWORK }

    private final List<GroupSockets> groups;
    private final int port;
    private final boolean onHostOnly;
    private final Counters counters;
    private final Clock clock;
    private final Log log;
    private final AnnouncementCodec announcements;
    private final ByteBuffer buffer = ByteBuffer.allocate(AnnouncementCodec.MAX_DATAGRAM_BYTES);
    private final LoggedTexts logged = new LoggedTexts();
    /** Where sending failed since the last scan, and between that and the scan before it. */
    private Set<MulticastInterface> unsent = new HashSet<>();
    private Set<MulticastInterface> unsentBefore = Set.of();
    private Interfaces interfaces = Interfaces.NONE;
    private Reach reach = Reach.UNKNOWN;

    /**
     * Nothing is joined before the first scan.
     *
     * @param group IPv4 multicast address, from which that of IPv6 follows, and port of both
     * @param bind the only address used, or empty for all
     * @param selector wakes up with keys of sockets to {@link #receive} from
     * @param maxSkewMs signed announcements whose time differs by more are not accepted
     * @param context its clock dates announcements; its log and counters receive faults
     */
    public Multicast(InetSocketAddress group, Optional<InetAddress> bind, Selector selector,
            long maxSkewMs, Context context) {
        this.port = group.getPort();
        this.groups = List.of(GroupSockets.of(group, selector), GroupSockets.of(
                new InetSocketAddress(ipv6(group.getAddress()), port), selector));
        this.onHostOnly = bind.filter(InetAddress::isLoopbackAddress).isPresent();
        this.counters = context.counters();
        this.clock = context.clock();
        this.announcements = new AnnouncementCodec(context.clock(), maxSkewMs);
        this.log = context.log();
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

    /**
     * Joins the groups on the interfaces that are there now, and on no others.
     *
     * @param found the interfaces
     */
    public void rescan(Interfaces found) {
        interfaces = found;
        unsentBefore = unsent;
        unsent = new HashSet<>();
        for (GroupSockets group : groups) {
            Set<MulticastInterface> wanted = found.multicast().stream()
                    .filter(each -> each.ipv6() == group.ipv6())
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            Map<MulticastInterface, String> failed = group.rescan(wanted, clock.steadyMs());
            counters.add(JOIN_FAILED, failed.size());
            log("cannot join the multicast group " + written(group), failed);
        }
        logReach();
    }

    /** Logs the interfaces on which peers are looked for, at first and when the reach changes. */
    private void logReach() {
        boolean any = groups.stream().anyMatch(group -> !group.joined().isEmpty());
        boolean network = groups.stream().flatMap(group -> group.joined().stream())
                .anyMatch(each -> !each.loopback());
        Reach now = network ? Reach.NETWORK : any ? Reach.HOST : Reach.NOWHERE;
        if (now == reach) {
            return;
        }
        reach = now;
        String none = " interface is up with an IPv4 or an IPv6 link-local address and has joined "
                + "the group; name nodes on other hosts in -peers";
        if (!any) {
            log.warn("not looking for peers by multicast: no" + none);
            return;
        }
        log.always("looking for peers by multicast " + groups.stream()
                .filter(group -> !group.joined().isEmpty())
                .map(group -> written(group) + " on " + names(group.joined()))
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
        byReason.forEach((why, where) -> log.warn(what + " on " + names(where) + ": " + why
                + "; trying again"));
    }

    private static String names(Collection<MulticastInterface> where) {
        String names = where.stream().limit(MAX_NAMES).map(each -> each.nic().getName())
                .collect(Collectors.joining(", "));
        int more = where.size() - MAX_NAMES;
        return more <= 0 ? names : names + " and " + more + " more";
    }

    private String written(GroupSockets group) {
        byte[] bytes = group.address().getAddress();
        return group.ipv6() ? String.format("[ff12::%02x%02x:%02x%02x]:%d", bytes[12], bytes[13],
                bytes[14], bytes[15], port) : group.address().getHostAddress() + ":" + port;
    }

    /**
     * Sends an announcement on every interface.
     *
     * @param announcement the announcement
     * @param secret signs it with the time, against forgery and later replay
     */
    public void send(Announcement announcement, Optional<Secret> secret) {
        ByteBuffer datagram = announcements.encode(announcement, secret);
        for (GroupSockets group : groups) {
            Map<MulticastInterface, String> failed = group.send(datagram);
            counters.add(SEND_FAILED, failed.size());
            unsent.addAll(failed.keySet());
            // A single fault may be due to an interface that just changed, or to an IPv6 address
            // that is not ready for use yet.
            failed.keySet().retainAll(unsentBefore);
            log("cannot send to the multicast group " + written(group), failed);
        }
    }

    /**
     * Distinguishes sockets of multicast groups from others.
     *
     * @param key a key of the selector
     * @return whether its socket is one to {@link #receive} from
     */
    public static boolean owns(SelectionKey key) {
        return key.attachment() instanceof GroupChannel;
    }

    /**
     * Reads datagrams up to the first announcement.
     *
     * @param key of the socket that is ready, see {@link #owns}
     * @param secrets one of which must have signed it; none if it must not be signed
     * @return the announcement, or empty if there is none for now
     */
    public Optional<Heard> receive(SelectionKey key, List<Secret> secrets) {
        GroupChannel socket = (GroupChannel) key.attachment();
        for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
            try {
                buffer.clear();
                InetSocketAddress source = socket.receive(buffer);
                if (source == null) {
                    return Optional.empty();
                }
                return Optional.of(heard(source.getAddress(), secrets));
            } catch (ProtocolException e) {
                counters.count(BROKEN);
            } catch (IOException e) {
                counters.count(RECEIVE_FAILED);
                if (logged.add("receive: " + e.getMessage())) {
                    log.warn("cannot receive multicast: " + e.getMessage()
                            + "; opening the socket again");
                }
                groups.forEach(group -> group.failed(socket));
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Heard heard(InetAddress source, List<Secret> secrets) throws ProtocolException {
        AnnouncementCodec.Decoded decoded = announcements.decode(buffer.flip(), secrets);
        Announcement sent = decoded.announcement();
        String from = interfaces.literal(source);
        return new Heard(new Announcement(sent.cluster(), sent.node(),
                sent.address().seenAt(from)), source, from, decoded.authenticated());
    }

    /** Leaves the groups. */
    public void close() {
        groups.forEach(GroupSockets::close);
    }
}
