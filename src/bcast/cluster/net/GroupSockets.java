package bcast.cluster.net;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One multicast group on a set of interfaces. When the set changes, new sockets take the place of
 * the old ones, which are closed afterwards, so that no membership lapses in between, nor if the
 * new ones cannot be opened. On Linux an IPv4 socket has at most 20 memberships by default: there
 * are as many sockets as it takes.
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
    private final boolean ipv6;
    private final Opener opener;
    private final Set<MulticastInterface> wanted = new LinkedHashSet<>();
    /** Interfaces on which the last announcement could not be sent. */
    private final Set<MulticastInterface> failing = new HashSet<>();
    private Memberships current = new Memberships();
    private long renewDueMs;
    /** Whether the next scan opens all sockets anew. */
    private boolean reopen;

    /** Opens a socket that has joined nothing yet. */
    @FunctionalInterface
    interface Opener {
        GroupChannel open() throws IOException;
    }

    /** The sockets of a group, which wake up a selector. */
    static GroupSockets of(InetSocketAddress group, Selector selector) {
        StandardProtocolFamily family = group.getAddress() instanceof Inet6Address
                ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        return new GroupSockets(group, () -> GroupChannel.open(family, group.getPort(), selector));
    }

    GroupSockets(InetSocketAddress group, Opener opener) {
        this.group = group;
        this.ipv6 = group.getAddress() instanceof Inet6Address;
        this.opener = opener;
    }

    boolean ipv6() {
        return ipv6;
    }

    InetAddress address() {
        return group.getAddress();
    }

    /** The interfaces that were joined. */
    Set<MulticastInterface> joined() {
        return current.joined;
    }

    /**
     * Joins the interfaces that are there now. If new sockets cannot take over all that the old
     * ones joined, as when the process has no descriptor left, the old ones are kept and the next
     * scan tries again. Returns why some could not be joined, or not anew.
     */
    Map<MulticastInterface, String> rescan(Set<MulticastInterface> found, long nowMs) {
        reopen |= !found.equals(wanted) || nowMs - renewDueMs >= 0;
        wanted.clear();
        wanted.addAll(found);
        failing.retainAll(found);
        current.joined.retainAll(found);
        if (!reopen) {
            return current.join(wanted);
        }
        Memberships fresh = new Memberships();
        Map<MulticastInterface, String> failed = fresh.join(wanted);
        if (fresh.sockets.isEmpty() && !wanted.isEmpty()
                || !fresh.joined.containsAll(current.joined)) {
            fresh.close();
            return failed;
        }
        current.close();
        current = fresh;
        reopen = false;
        renewDueMs = nowMs + RENEW_MS;
        return failed;
    }

    /** Sockets and the interfaces that they joined. */
    private final class Memberships {
        private final List<GroupChannel> sockets = new ArrayList<>();
        private final Set<MulticastInterface> joined = new LinkedHashSet<>();

        /** Joins those that are not joined yet. Returns why some could not be. */
        Map<MulticastInterface, String> join(Set<MulticastInterface> all) {
            Map<MulticastInterface, String> failed = new LinkedHashMap<>();
            for (MulticastInterface each : all) {
                if (!joined.contains(each)) {
                    try {
                        join(each);
                        joined.add(each);
                    } catch (IOException e) {
                        failed.put(each, String.valueOf(e.getMessage()));
                    }
                }
            }
            return failed;
        }

        private void join(MulticastInterface where) throws IOException {
            if (sockets.isEmpty()) {
                // Kept even if it cannot join: it can still send.
                sockets.add(opener.open());
            }
            try {
                sockets.get(sockets.size() - 1).join(group.getAddress(), where.nic());
            } catch (IOException e) {
                joinOnAnother(where);
            }
        }

        /** The last socket may have as many memberships as it can; a new one has none. */
        private void joinOnAnother(MulticastInterface where) throws IOException {
            if (sockets.size() >= MAX_SOCKETS) {
                throw new IOException("all of " + MAX_SOCKETS + " sockets are full; see " + LIMIT);
            }
            GroupChannel another = opener.open();
            try {
                another.join(group.getAddress(), where.nic());
                sockets.add(another);
            } catch (IOException e) {
                another.close();
                String why = String.valueOf(e.getMessage());
                throw why.startsWith(NO_BUFFERS)
                        ? new IOException(NO_BUFFERS + ", perhaps because of " + LIMIT, e) : e;
            }
        }

        void close() {
            sockets.forEach(GroupChannel::close);
        }
    }

    /** Sends on every interface, joined or not. Returns why that failed on some. */
    Map<MulticastInterface, String> send(ByteBuffer datagram) {
        Map<MulticastInterface, String> failed = new LinkedHashMap<>();
        for (MulticastInterface each : wanted) {
            try {
                send(datagram.duplicate(), each);
                failing.remove(each);
            } catch (IOException e) {
                failed.put(each, String.valueOf(e.getMessage()));
                // Once may heal it; one that always fails leaves the others their sockets.
                reopen |= failing.add(each);
            }
        }
        return failed;
    }

    private void send(ByteBuffer datagram, MulticastInterface where) throws IOException {
        if (current.sockets.isEmpty()) {
            throw new IOException("no socket is open");
        }
        current.sockets.get(0).send(datagram, group, where.nic());
    }

    /** Closes a socket that failed; the next scan opens all anew. */
    void failed(GroupChannel socket) {
        if (current.sockets.remove(socket)) {
            socket.close();
            // Which of them it had is not known.
            current.joined.clear();
            reopen = true;
        }
    }

    void close() {
        current.close();
    }
}
