package bcast.cluster.net.discovery;

import java.io.IOException;
import java.net.Inet6Address;
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
 * One multicast group on a set of interfaces. When the set changes, new sockets are opened and the
 * old ones are closed afterwards, so that memberships do not lapse in between, nor if the new
 * sockets cannot be opened. On Linux an IPv4 socket has at most 20 memberships by default, so there
 * may be several sockets. A second one of IPv6 receives announcements twice, which is harmless.
 */
final class GroupSockets {

    /** Most sockets of one group, enough for 320 interfaces by Linux's default. */
    static final int MAX_SOCKETS = 16;

    /** Limits the memberships of an IPv4 socket on Linux. */
    private static final String LIMIT = "net.ipv4.igmp_max_memberships";

    /** The message of ENOBUFS, by which Linux refuses a membership beyond the limit. */
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
    private final Set<MulticastInterface> failing = new HashSet<>();
    private Memberships current = new Memberships();
    private long renewDueMs;
    /** Whether the next scan opens all sockets anew. */
    private boolean reopen;

    interface Opener {
        GroupChannel open() throws IOException;
    }

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

    /** The group, for logs. */
    String name() {
        byte[] bytes = group.getAddress().getAddress();
        return (ipv6 ? String.format("[ff12::%02x%02x:%02x%02x]", bytes[12], bytes[13], bytes[14],
                bytes[15]) : group.getAddress().getHostAddress()) + ":" + group.getPort();
    }

    Set<MulticastInterface> joined() {
        return current.joined;
    }

    /**
     * Joins the interfaces that were found, and no others. If new sockets cannot join all that the
     * old ones did, as when the process has too many open files, the old ones are kept and the next
     * scan tries again. Returns the faults by interface.
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

    private final class Memberships {
        private final List<GroupChannel> sockets = new ArrayList<>();
        private final Set<MulticastInterface> joined = new LinkedHashSet<>();

        /** Joins the interfaces that are not joined yet. Returns the faults by interface. */
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

        /** Joins on a new socket, since the last one may have its maximum of memberships. */
        private void joinOnAnother(MulticastInterface where) throws IOException {
            if (sockets.size() >= MAX_SOCKETS) {
                throw new IOException("all " + MAX_SOCKETS + " sockets are full; see " + LIMIT);
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

    /** Sends on every interface, joined or not. Returns the faults by interface. */
    Map<MulticastInterface, String> send(ByteBuffer datagram) {
        Map<MulticastInterface, String> failed = new LinkedHashMap<>();
        for (MulticastInterface each : wanted) {
            try {
                if (current.sockets.isEmpty()) {
                    throw new IOException("no socket is open");
                }
                current.sockets.get(0).send(datagram.duplicate(), group, each.nic());
                failing.remove(each);
            } catch (IOException e) {
                failed.put(each, String.valueOf(e.getMessage()));
                // The interface may be away for a moment, and will have lost its membership.
                reopen |= failing.add(each);
            }
        }
        return failed;
    }

    /** Closes a socket that failed; the next scan opens all again. */
    void failed(GroupChannel socket) {
        if (current.sockets.remove(socket)) {
            socket.close();
            // It is not known which interfaces it had joined.
            current.joined.clear();
            reopen = true;
        }
    }

    void close() {
        current.close();
    }
}
