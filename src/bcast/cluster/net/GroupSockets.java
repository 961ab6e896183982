package bcast.cluster.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One multicast group on a set of interfaces. When the set changes, new sockets take the place of
 * the old ones, which are closed afterwards, so that no membership lapses in between. On Linux an
 * IPv4 socket has at most 20 memberships by default: there are as many sockets as it takes.
 *
 * <p>An IPv6 socket hears a group on all interfaces that any socket of the host joined. A second
 * one, needed after some hundreds of memberships, therefore hears announcements twice, which
 * changes nothing. Owned by the cluster's thread.
 */
final class GroupSockets {

    /** Most sockets of one group: at Linux's default they join 320 interfaces. */
    static final int MAX_SOCKETS = 16;

    /** Limits the memberships of an IPv4 socket on Linux. */
    private static final String LIMIT = "net.ipv4.igmp_max_memberships";

    /** The message of ENOBUFS, which is how Linux refuses a membership beyond the limit. */
    private static final String NO_BUFFERS = "No buffer space available";

    /**
     * Memberships are renewed after this time. An interface that was moved to another namespace
     * and back between two scans looks unchanged, but it has lost them.
     */
    static final long RENEW_MS = 30_000;

    private final InetSocketAddress group;
    private final StandardProtocolFamily family;
    private final Selector selector;
    private final Set<Joinable> wanted = new LinkedHashSet<>();
    private final Set<Joinable> joined = new LinkedHashSet<>();
    private List<GroupChannel> sockets = new ArrayList<>();
    private long renewDueMs;
    private boolean broken;

    GroupSockets(InetSocketAddress group, Selector selector) {
        this.group = group;
        this.family = group.getAddress().getAddress().length == 4
                ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        this.selector = selector;
    }

    boolean ipv6() {
        return family == StandardProtocolFamily.INET6;
    }

    InetAddress address() {
        return group.getAddress();
    }

    /** The interfaces that were joined. */
    Set<Joinable> joined() {
        return joined;
    }

    /** Joins the interfaces that are there now. Returns why some could not be joined. */
    Map<Joinable, String> rescan(Set<Joinable> found, long nowMs) {
        List<GroupChannel> old = List.of();
        if (broken || !found.equals(wanted) || nowMs - renewDueMs >= 0) {
            broken = false;
            renewDueMs = nowMs + RENEW_MS;
            wanted.clear();
            wanted.addAll(found);
            joined.clear();
            old = sockets;
            sockets = new ArrayList<>();
        }
        Map<Joinable, String> failed = new LinkedHashMap<>();
        for (Joinable each : wanted) {
            if (!joined.contains(each)) {
                try {
                    join(each);
                    joined.add(each);
                } catch (IOException e) {
                    failed.put(each, String.valueOf(e.getMessage()));
                }
            }
        }
        old.forEach(GroupChannel::close);
        return failed;
    }

    private void join(Joinable where) throws IOException {
        if (sockets.isEmpty()) {
            // Kept even if it cannot join: it can still send.
            sockets.add(GroupChannel.open(family, group.getPort(), selector));
        }
        try {
            sockets.get(sockets.size() - 1).join(group.getAddress(), where.card());
        } catch (IOException e) {
            joinOnAnother(where);
        }
    }

    /** The last socket may have as many memberships as it can; a new one has none. */
    private void joinOnAnother(Joinable where) throws IOException {
        if (sockets.size() >= MAX_SOCKETS) {
            throw new IOException("all of " + MAX_SOCKETS + " sockets are full; see " + LIMIT);
        }
        GroupChannel another = GroupChannel.open(family, group.getPort(), selector);
        try {
            another.join(group.getAddress(), where.card());
            sockets.add(another);
        } catch (IOException e) {
            another.close();
            String why = String.valueOf(e.getMessage());
            throw why.startsWith(NO_BUFFERS)
                    ? new IOException(NO_BUFFERS + ", perhaps because of " + LIMIT, e) : e;
        }
    }

    /** Sends on every interface, joined or not. Returns why that failed on some. */
    Map<Joinable, String> send(ByteBuffer datagram) {
        Map<Joinable, String> failed = new LinkedHashMap<>();
        for (Joinable each : wanted) {
            if (!sockets.isEmpty()) {
                try {
                    sockets.get(0).send(datagram.duplicate(), group, each.card());
                } catch (IOException e) {
                    broken = true;
                    failed.put(each, String.valueOf(e.getMessage()));
                }
            }
        }
        return failed;
    }

    /** Closes a socket that failed; the next scan opens all anew. */
    void failed(GroupChannel socket) {
        if (sockets.remove(socket)) {
            socket.close();
            broken = true;
        }
    }

    void close() {
        sockets.forEach(GroupChannel::close);
    }
}
