package bcast.cluster.net;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.repair.RepairMessage;
import java.io.IOException;
import java.util.List;

/**
 * Reads links in turns, so that none keeps the others waiting, and hands their messages to the
 * listener. Owned by the cluster's thread.
 */
final class LinkReader {

    /** Reads of one link before the next link gets its turn. */
    private static final int READS_A_TURN = 4;

    private final LinkTable table;
    private final LinkSender sender;
    private final LinkMemory memory;
    private final LinkListener listener;
    private final Clock clock;
    private final TimeSlicedQueue<LinkChannel> unread;

    LinkReader(LinkTable table, LinkSender sender, LinkMemory memory, Clock clock,
            LinkListener listener) {
        this.table = table;
        this.sender = sender;
        this.memory = memory;
        this.listener = listener;
        this.clock = clock;
        this.unread = new TimeSlicedQueue<>(clock);
    }

    /** There is something to read on a link. */
    void ready(LinkChannel link) {
        unread.add(link);
    }

    /** Whether {@link #read()} ran out of time before it read all links that are ready. */
    boolean unread() {
        return !unread.isEmpty();
    }

    /** Reads the links that are ready, within one time slice. */
    void read() {
        unread.serve(this::read);
    }

    private void read(LinkChannel link) {
        try {
            for (int i = 0; i < READS_A_TURN && (i == 0 || unread.timeLeft()) && link.isOpen()
                    && listener.mayRead(); i++) {
                LinkChannel.Read read = readOnce(link);
                if (read instanceof LinkChannel.Read.End) {
                    table.closed(link, "the other side closed it");
                    return;
                }
                if (read instanceof LinkChannel.Read.Nothing) {
                    return;
                }
                received(link, ((LinkChannel.Read.Bytes) read).messages());
            }
        } catch (ProtocolException e) {
            table.brokeProtocol(link, e.getMessage());
        } catch (IOException e) {
            table.closed(link, e.getMessage());
        }
    }

    private LinkChannel.Read readOnce(LinkChannel link) throws IOException, ProtocolException {
        int before = link.unfinishedBytes();
        LinkChannel.Read read;
        try {
            read = link.read();
        } finally {
            memory.addUnfinished(link.unfinishedBytes() - before);
        }
        memory.checkUnfinished();
        return read;
    }

    private void received(LinkChannel link, List<Message> messages) {
        table.reportIfAuthenticated(link);
        if (!link.reported()) {
            // This side's part of the handshake may wait to be sent.
            sender.ready(link);
            return;
        }
        if (messages.isEmpty()) {
            listener.handle(new Input.Alive(link.number()));
        }
        for (Message message : messages) {
            Input.Got got = new Input.Got(link.number(), message);
            if (message instanceof RepairMessage.Question || message instanceof Message.HashList) {
                long beganNs = clock.steadyNs();
                listener.handle(got);
                link.spend(clock.steadyNs() - beganNs);
            } else {
                listener.handle(got);
            }
        }
        link.throttle(clock.steadyMs());
        if (link.greeted()) {
            table.countOutcome(link);
        }
    }
}
