package bcast.sim;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.net.SimWire;
import bcast.data.Data;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A network of hosts. Links are TCP's: in order, whole, and late rather than lost; what a cut
 * holds up arrives when it heals, unless a side has hung up by then. A host that vanishes says
 * nothing; one that is back answers old links with a reset. Announcements may be lost.
 */
final class SimNetwork {

    /** A dial to a host that says nothing. */
    private static final long DIAL_TIMEOUT_MS = 3_000;
    private static final long CUT_CHECK_MS = 50;

    /** How long a link that was closed politely may still bring something. */
    private static final long CLOSING_MS = 700;

    /** Sees every message that arrives. */
    interface Observer {
        void arrived(SimNode from, SimNode to, Message message);
    }

    final Timeline time;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<Address, SimNode> byAddress = new HashMap<>();
    private Observer observer = (from, to, message) -> { };
    /** Messages travel as bytes; else as they are, which is faster. */
    private boolean encoding = true;
    private final SimWire wire = new SimWire();
    private final Set<Long> cuts = new HashSet<>();
    private boolean firewall;
    private final Set<Integer> slow = new HashSet<>();
    long minLatencyMs = 1;
    long maxLatencyMs = 20;
    double announcementLoss = 0.1;
    boolean multicast = true;
    int bytesAMs = 10_000;
    /** Flushes of links, each with one message or more; and announcements by multicast. */
    long flushes;

    SimNetwork(Timeline time) {
        this.time = time;
    }

    void add(SimNode node) {
        nodes.add(node);
        byAddress.put(node.address, node);
    }

    void observe(Observer each) {
        observer = each;
    }

    void withoutEncoding() {
        encoding = false;
    }

    /** Bytes that a message takes on a real wire. */
    int encoded(Message message) {
        return wire.encoded(message);
    }

    /** How many parts the overlay of some nodes has. */
    static int components(List<SimNode> alive) {
        Set<SimNode> left = new HashSet<>(alive);
        int components = 0;
        while (!left.isEmpty()) {
            components++;
            Deque<SimNode> todo = new ArrayDeque<>(List.of(left.iterator().next()));
            while (!todo.isEmpty()) {
                SimNode node = todo.poll();
                if (left.remove(node)) {
                    node.neighbours().stream().filter(left::contains).forEach(todo::add);
                }
            }
        }
        return components;
    }

    // ---- faults

    /** No link can be made any more, or all again; those there are stay. */
    void firewall(boolean on) {
        firewall = on;
    }

    private static long pair(SimNode from, SimNode to) {
        return (long) from.index << 32 | to.index;
    }

    /** Cuts one direction between two hosts. */
    void cut(SimNode from, SimNode to) {
        cuts.add(pair(from, to));
    }

    void heal(SimNode from, SimNode to) {
        cuts.remove(pair(from, to));
    }

    void healAll() {
        cuts.clear();
        slow.clear();
    }

    /** A node whose links carry little. */
    void slow(SimNode node, boolean on) {
        if (on) {
            slow.add(node.index);
        } else {
            slow.remove(node.index);
        }
    }

    boolean passes(SimNode from, SimNode to) {
        return !cuts.contains(pair(from, to));
    }

    private long latency() {
        return time.between(minLatencyMs, maxLatencyMs);
    }

    private int rate(SimNode a, SimNode b) {
        return slow.contains(a.index) || slow.contains(b.index) ? 20 : bytesAMs;
    }

    // ---- what nodes do

    void announce(SimNode from, java.util.function.Consumer<SimNode> heard) {
        if (!multicast) {
            return;
        }
        flushes++;
        for (SimNode to : nodes) {
            if (to != from && passes(from, to) && !time.chance(announcementLoss)) {
                time.after(latency(), () -> {
                    if (to.running()) {
                        heard.accept(to);
                    }
                });
            }
        }
    }

    void dial(SimNode from, Address address) {
        Optional<SimNode> target = Optional.ofNullable(byAddress.get(address));
        int run = from.run;
        boolean silent = firewall || target.isEmpty() || target.get().vanished()
                || !passes(from, target.get()) || !passes(target.get(), from);
        if (silent) {
            time.after(DIAL_TIMEOUT_MS, () -> from.input(run,
                    new Input.DialFailed(address, "no answer")));
            return;
        }
        long latency = latency();
        time.after(2 * latency, () -> {
            SimNode to = target.get();
            if (!to.running()) {
                from.input(run, new Input.DialFailed(address, "refused"));
            } else if (from.run == run && from.running()) {
                Wire wire = new Wire(from, to);
                wire.ends[0].node.open(wire.ends[0], Optional.of(address), to.address.host());
                wire.ends[1].node.open(wire.ends[1], Optional.empty(), from.address.host());
            }
        });
    }

    /** One side of a link. */
    final class End {
        final SimNode node;
        private final int run;
        private End other;
        int link;
        private boolean open = true;
        private final Deque<Message> control = new ArrayDeque<>();
        private final Deque<Message> data = new ArrayDeque<>();
        private int dataBytes;
        private boolean notifyWhenDrained;
        private boolean sending;
        private boolean closeWhenSent;
        private long arrivedMs;
        private long flushedMs = -1;

        End(SimNode node) {
            this.node = node;
            this.run = node.run;
        }

        /** The node's process still has this socket. */
        private boolean held() {
            return open && node.run == run && !node.vanished();
        }

        void send(Message message) {
            if (time.nowMs() != flushedMs) {
                flushedMs = time.nowMs();
                flushes++;
            }
            if (SimWire.control(message)) {
                control.add(message);
            } else {
                data.add(message);
                dataBytes += SimWire.size(message);
                if (dataBytes > SimWire.MAX_DATA_BYTES) {
                    drop();
                }
            }
            pump();
        }

        /** Drops the backlog. */
        private void drop() {
            Optional<Data> news = SimWire.firstNews(data);
            data.clear();
            dataBytes = 0;
            time.after(0, () -> node.input(run, new Input.Overflowed(link, news)));
        }

        /** Tells once when hardly anything waits. */
        void notifyWhenDrained() {
            notifyWhenDrained = true;
            tellIfRoom();
        }

        private void tellIfRoom() {
            if (notifyWhenDrained && dataBytes <= SimWire.DRAINED_BYTES) {
                notifyWhenDrained = false;
                time.after(0, () -> node.input(run, new Input.Drained(link)));
            }
        }

        /** Sends one message after another, as fast as the link goes. */
        private void pump() {
            if (sending || !held()) {
                return;
            }
            Message next = control.isEmpty() ? data.poll() : control.poll();
            if (next == null) {
                if (closeWhenSent) {
                    halfClose();
                }
                return;
            }
            int size = SimWire.size(next);
            if (!SimWire.control(next)) {
                dataBytes -= size;
                tellIfRoom();
            }
            sending = true;
            int rate = rate(node, other.node);
            long takes = size / rate + (time.random.nextInt(rate) < size % rate ? 1 : 0);
            time.after(takes, () -> {
                sending = false;
                arrive(next);
                pump();
            });
        }

        private void arrive(Message message) {
            arrivedMs = Math.max(arrivedMs, time.nowMs() + latency());
            time.after(arrivedMs - time.nowMs(), () -> transmit(() -> {
                if (other.held()) {
                    observer.arrived(node, other.node, message);
                    other.node.arrived(other, encoding ? wire.travel(message) : message);
                } else {
                    reset("reset by the other side");
                }
            }));
        }

        /** Does it now, or when the cut is healed. What nobody waits for is gone. */
        private void transmit(Runnable arrival) {
            if (other.node.vanished() || !held() && !other.held()) {
                return;
            }
            if (passes(node, other.node)) {
                arrival.run();
            } else {
                time.after(CUT_CHECK_MS, () -> transmit(arrival));
            }
        }

        private void reset(String reason) {
            if (held()) {
                open = false;
                node.input(run, new Input.Closed(link, reason));
            }
        }

        /** Closes after what is queued was sent. */
        void close() {
            closeWhenSent = true;
            pump();
        }

        /** Sends no more, but still receives until the other side has closed as well. */
        private void halfClose() {
            closeWhenSent = false;
            fin();
            time.after(CLOSING_MS, () -> reset("closed"));
        }

        private void fin() {
            arrivedMs = Math.max(arrivedMs, time.nowMs() + latency());
            time.after(arrivedMs - time.nowMs(), () ->
                    transmit(() -> other.reset("closed by the other side")));
        }

        /** Closes now; the other side learns of it if the network lets it. */
        void hangUp() {
            if (!open) {
                return;
            }
            open = false;
            fin();
        }

        /** The queue is full: its records are dropped. */
        void overflow() {
            if (!data.isEmpty()) {
                time.note("backlog of n" + node.index + " to n" + other.node.index
                        + " is dropped");
                drop();
            }
        }

        /** Breaks the link for both sides. */
        void fail() {
            time.note("link n" + node.index + "-n" + other.node.index + " breaks");
            reset("broken");
            other.reset("broken");
        }

        boolean mutual() {
            return held() && other.held() && other.node.isNeighbour(other.link);
        }

        SimNode otherNode() {
            return other.node;
        }

        int queuedBytes() {
            return dataBytes;
        }
    }

    private final class Wire {
        private final End[] ends;

        Wire(SimNode from, SimNode to) {
            ends = new End[] {new End(from), new End(to)};
            ends[0].other = ends[1];
            ends[1].other = ends[0];
        }
    }
}
