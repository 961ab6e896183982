package bcast.cluster.net;

import bcast.cluster.gossip.link.LinkMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Refuses a connection before it becomes a link. */
final class Refusal {

    private Refusal() {}

    /**
     * Sends the reason as far as the socket takes it at once, and closes the connection.
     *
     * @param channel connected and not blocking
     */
    static void send(SocketChannel channel, String reason) {
        LinkMessage.Refuse refusal = new LinkMessage.Refuse(reason);
        ByteBuffer frame = ByteBuffer.allocate(Wire.size(refusal));
        Wire.encode(refusal, frame);
        try {
            channel.write(frame.flip());
        } catch (IOException e) {
            // The other side has left already; the connection is closed below all the same.
        } finally {
            Sockets.closeQuietly(channel);
        }
    }
}
