package bcast.cluster.net;

import bcast.cluster.gossip.LinkCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Bytes that only who knows the cluster's secret can read or make: a handshake of {@link Noise},
 * each message in a frame of type {@link Wire#NOISE}, then messages of {@code u16 length | sealed
 * bytes}. Who dialled uses the first secret; who was dialled accepts any.
 *
 * <p>A stranger's first message costs a few hashes here, and no key exchange before it is proven.
 */
final class SecretTransport implements Transport {

    private static final byte[] PROLOGUE = "bcast 1".getBytes(StandardCharsets.US_ASCII);

    private static final int HANDSHAKE_BYTES = Wire.HEADER_BYTES + Noise.MESSAGE_BYTES;

    /** Longest plain part of a message; a record of the usual size fits, and memory stays small. */
    static final int MAX_PLAIN_BYTES = 16 * 1024;

    private static final int MAX_SEALED_BYTES = MAX_PLAIN_BYTES + NoiseCipher.TAG_BYTES;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final boolean dialled;
    private final List<Secret> secrets;
    private final SecureRandom random;
    private Noise noise;
    private Optional<Secret> secret = Optional.empty();
    private boolean proven;
    /** What came from the socket and is not opened yet; ready to be written to. */
    private ByteBuffer sealed = ByteBuffer.allocate(HANDSHAKE_BYTES);
    /** What is opened and not yet taken. */
    private ByteBuffer plain = NONE;
    /** What waits for the socket. */
    private ByteBuffer out = NONE;

    SecretTransport(SocketChannel channel, boolean dialled, List<Secret> secrets,
            SecureRandom random) {
        this.channel = channel;
        this.dialled = dialled;
        this.secrets = secrets;
        this.random = random;
        if (dialled) {
            secret = Optional.of(secrets.get(0));
            noise = noise(secrets.get(0));
            try {
                out = frame(noise.write(new byte[0]));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("no handshake", e);
            }
        }
    }

    private Noise noise(Secret with) {
        return new Noise(dialled, PROLOGUE, with.linkKey(), () -> Noise.newKeyPair(random));
    }

    private static ByteBuffer frame(byte[] message) {
        return ByteBuffer.allocate(HANDSHAKE_BYTES).putInt(1 + message.length).put(Wire.NOISE)
                .put(message).flip();
    }

    @Override
    public Optional<Boolean> read(ByteBuffer to) throws IOException, ProtocolException {
        if (!more()) {
            int read = channel.read(sealed);
            if (read <= 0) {
                return read < 0 ? Optional.empty() : Optional.of(false);
            }
        }
        if (noise == null || noise.receiving() == null) {
            shakeHands();
        } else {
            if (!plain.hasRemaining()) {
                open();
            }
            ByteBuffer part = plain.slice(plain.position(),
                    Math.min(plain.remaining(), to.remaining()));
            plain.position(plain.position() + part.remaining());
            to.put(part);
        }
        return Optional.of(true);
    }

    private void shakeHands() throws IOException, ProtocolException {
        if (sealed.position() < Wire.HEADER_BYTES) {
            return;
        }
        boolean ours = sealed.getInt(0) == 1 + Noise.MESSAGE_BYTES
                && sealed.get(Integer.BYTES) == Wire.NOISE;
        if (!ours) {
            if (!dialled) {
                Refusal.send(channel, "links here need the cluster's secret");
            }
            if (dialled && sealed.get(Integer.BYTES) == LinkCodec.REFUSE) {
                throw new ProtocolException("it refused, in the clear");
            }
            throw new ProtocolException(dialled ? "it did not answer with the secret"
                    : "it did not greet with the secret");
        }
        if (sealed.hasRemaining()) {
            return;
        }
        byte[] message = new byte[Noise.MESSAGE_BYTES];
        sealed.get(Wire.HEADER_BYTES, message);
        if (dialled) {
            answered(message);
        } else {
            greeted(message);
        }
        sealed = ByteBuffer.allocate(4 * (Short.BYTES + MAX_SEALED_BYTES));
        plain = ByteBuffer.allocate(MAX_PLAIN_BYTES).flip();
    }

    private void answered(byte[] message) throws ProtocolException {
        try {
            noise.read(message);
            proven = true;
        } catch (GeneralSecurityException e) {
            throw new ProtocolException("it answered without the secret");
        }
    }

    private void greeted(byte[] message) throws IOException, ProtocolException {
        for (Secret each : secrets) {
            Noise tried = noise(each);
            try {
                tried.read(message);
                out = frame(tried.write(new byte[0]));
            } catch (GeneralSecurityException e) {
                // Not made with this secret; it may be with the next one.
                continue;
            }
            noise = tried;
            secret = Optional.of(each);
            channel.write(out);
            return;
        }
        throw new ProtocolException("it greeted with another secret");
    }

    /** Opens the next message, if it is there. */
    private void open() throws ProtocolException {
        if (!whole()) {
            return;
        }
        int length = nextLength();
        sealed.flip().position(Short.BYTES);
        ByteBuffer message = sealed.slice(Short.BYTES, length);
        plain.clear();
        try {
            noise.receiving().open(message, plain);
        } catch (GeneralSecurityException e) {
            throw new ProtocolException("a message was not sealed with the link's key");
        }
        plain.flip();
        // A repeated greeting gets an answer, but only who holds its key comes so far.
        proven = true;
        sealed.position(Short.BYTES + length);
        sealed.compact();
    }

    private int nextLength() {
        return Short.toUnsignedInt(sealed.getShort(0));
    }

    /** Whether the next message is there. */
    private boolean whole() throws ProtocolException {
        if (sealed.position() < Short.BYTES) {
            return false;
        }
        int length = nextLength();
        if (length <= NoiseCipher.TAG_BYTES || length > MAX_SEALED_BYTES) {
            throw new ProtocolException("a sealed message of " + length + " bytes");
        }
        return sealed.position() >= Short.BYTES + length;
    }

    @Override
    public boolean more() {
        if (noise == null || noise.receiving() == null) {
            return false;
        }
        return plain.hasRemaining() || sealed.position() >= Short.BYTES
                && sealed.position() >= Short.BYTES + nextLength();
    }

    @Override
    public boolean write(ByteBuffer from) throws IOException {
        channel.write(out);
        while (!out.hasRemaining() && from.hasRemaining()) {
            seal(from);
            channel.write(out);
        }
        return !out.hasRemaining();
    }

    private void seal(ByteBuffer from) {
        if (out.capacity() < Short.BYTES + MAX_SEALED_BYTES) {
            out = ByteBuffer.allocate(Short.BYTES + MAX_SEALED_BYTES);
        }
        ByteBuffer part = from.slice(from.position(),
                Math.min(from.remaining(), MAX_PLAIN_BYTES));
        from.position(from.position() + part.remaining());
        out.clear().putShort((short) (part.remaining() + NoiseCipher.TAG_BYTES));
        try {
            noise.sending().seal(part, out);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal", e);
        }
        out.flip();
    }

    @Override
    public boolean waiting() {
        return out.hasRemaining();
    }

    @Override
    public boolean authenticated() {
        return proven;
    }

    @Override
    public Optional<Secret> secret() {
        return secret;
    }
}
