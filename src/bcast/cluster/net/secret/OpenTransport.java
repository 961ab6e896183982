package bcast.cluster.net.secret;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Bytes as they are, for clusters without a secret. */
final class OpenTransport implements Transport {

    private final SocketChannel channel;

    OpenTransport(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public boolean read(ByteBuffer to) throws IOException {
        return read(channel, to);
    }

    static boolean read(SocketChannel channel, ByteBuffer to) throws IOException {
        int read = channel.read(to);
        if (read < 0) {
            throw new EOFException("the other side closed it");
        }
        return read > 0;
    }

    @Override
    public boolean write(ByteBuffer from) throws IOException {
        channel.write(from);
        return !from.hasRemaining();
    }
}
