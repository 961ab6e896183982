package bcast.cluster.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Bytes as they are, for clusters without a secret. */
final class OpenTransport implements Transport {

    private final SocketChannel channel;

    OpenTransport(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public Optional<Boolean> read(ByteBuffer to) throws IOException {
        int read = channel.read(to);
        return read < 0 ? Optional.empty() : Optional.of(read > 0);
    }

    @Override
    public boolean more() {
        return false;
    }

    @Override
    public boolean write(ByteBuffer from) throws IOException {
        channel.write(from);
        return !from.hasRemaining();
    }

    @Override
    public boolean waiting() {
        return false;
    }

    @Override
    public boolean authenticated() {
        return true;
    }

    @Override
    public Optional<Secret> secret() {
        return Optional.empty();
    }
}
