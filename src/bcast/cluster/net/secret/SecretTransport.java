package bcast.cluster.net.secret;

import bcast.cluster.gossip.link.LinkCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Encrypts a link with the cluster's secret: a handshake of {@link Noise}, each message in a frame
 * of type {@link #HANDSHAKE}, then messages of {@code u16 length | sealed bytes}. The node that
 * dialled uses the first of its secrets; the other one accepts any of its own.
 *
 * <p>A message of a node without the secret costs a few hashes. The key exchange, which costs more,
 * is made only after the message has been authenticated.
 */
final class SecretTransport implements Transport {

    private static final byte[] PROLOGUE = "bcast 1".getBytes(StandardCharsets.US_ASCII);

    /** Length field and type of a frame. */
    private static final int HEADER_BYTES = Integer.BYTES + 1;

    private static final int HANDSHAKE_BYTES = HEADER_BYTES + Noise.MESSAGE_BYTES;

    /** Longest plain part of a message: a record of the usual size fits, and memory stays small. */
    static final int MAX_PLAIN_BYTES = 16 * 1024;

    private static final int MAX_SEALED_BYTES = MAX_PLAIN_BYTES + NoiseCipher.TAG_BYTES;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final boolean dialled;
    private final List<Secret> secrets;
    private final SecureRandom random;
    private final ByteBuffer refusal;
    private Noise noise;
    private Optional<Secret> secret = Optional.empty();
    private boolean authenticated;
    /** What came from the socket and is not decrypted yet; in the mode for writing. */
    private ByteBuffer sealed = ByteBuffer.allocate(HANDSHAKE_BYTES);
    /** What is decrypted and not yet read. */
    private ByteBuffer plain = NONE;
    /** What waits for the socket. */
    private ByteBuffer out = NONE;

    SecretTransport(SocketChannel channel, boolean dialled, List<Secret> secrets,
            SecureRandom random, ByteBuffer refusal) {
        this.channel = channel;
        this.dialled = dialled;
        this.secrets = secrets;
        this.random = random;
        this.refusal = refusal;
        if (dialled) {
            secret = Optional.of(secrets.get(0));
            noise = noise(secrets.get(0));
            try {
                out = frame(noise);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot make a handshake", e);
            }
        }
    }

    private Noise noise(Secret with) {
        return new Noise(dialled, PROLOGUE, with.linkKey(), () -> Noise.newKeyPair(random));
    }

    private static ByteBuffer frame(Noise from) throws GeneralSecurityException {
        byte[] message = from.write(new byte[0]);
        return ByteBuffer.allocate(HANDSHAKE_BYTES).putInt(1 + message.length).put(HANDSHAKE)
                .put(message).flip();
    }

    @Override
    public boolean read(ByteBuffer to) throws IOException, ProtocolException {
        if (!more() && !OpenTransport.read(channel, sealed)) {
            return false;
        }
        if (handshaking()) {
            handshake();
        } else {
            if (!plain.hasRemaining()) {
                decrypt();
            }
            to.put(take(plain, to.remaining()));
        }
        return true;
    }

    private static ByteBuffer take(ByteBuffer from, int most) {
        ByteBuffer part = from.slice(from.position(), Math.min(from.remaining(), most));
        from.position(from.position() + part.remaining());
        return part;
    }

    private boolean handshaking() {
        return noise == null || noise.receiving == null;
    }

    private void handshake() throws IOException, ProtocolException {
        if (sealed.position() < HEADER_BYTES) {
            return;
        }
        byte type = sealed.get(Integer.BYTES);
        if (sealed.getInt(0) != 1 + Noise.MESSAGE_BYTES || type != HANDSHAKE) {
            if (!dialled) {
                channel.write(refusal);
                throw new ProtocolException("its greeting is not encrypted");
            }
            throw new ProtocolException(type == LinkCodec.REFUSE
                    ? "it refused the link, without encryption" : "its answer is not encrypted");
        }
        if (sealed.hasRemaining()) {
            return;
        }
        byte[] message = new byte[Noise.MESSAGE_BYTES];
        sealed.get(HEADER_BYTES, message);
        if (!dialled) {
            answerHandshake(message);
        } else {
            try {
                noise.read(message);
            } catch (GeneralSecurityException e) {
                throw new ProtocolException("it answered with another secret");
            }
            authenticated = true;
        }
        sealed = ByteBuffer.allocate(4 * (Short.BYTES + MAX_SEALED_BYTES));
        plain = ByteBuffer.allocate(MAX_PLAIN_BYTES).flip();
    }

    private void answerHandshake(byte[] message) throws IOException, ProtocolException {
        for (Secret each : secrets) {
            Noise tried = noise(each);
            try {
                tried.read(message);
                out = frame(tried);
            } catch (GeneralSecurityException e) {
                // Not made with this secret, but perhaps with the next one.
                continue;
            }
            noise = tried;
            secret = Optional.of(each);
            channel.write(out);
            return;
        }
        throw new ProtocolException("it greeted with another secret");
    }

    /** Decrypts the next message, if it has arrived. */
    private void decrypt() throws ProtocolException {
        if (sealed.position() < Short.BYTES) {
            return;
        }
        int length = nextLength();
        if (length <= NoiseCipher.TAG_BYTES || length > MAX_SEALED_BYTES) {
            throw new ProtocolException("an encrypted message of " + length + " bytes");
        }
        if (!nextArrived()) {
            return;
        }
        sealed.flip().position(Short.BYTES);
        ByteBuffer message = sealed.slice(Short.BYTES, length);
        plain.clear();
        try {
            noise.receiving.open(message, plain);
        } catch (GeneralSecurityException e) {
            throw new ProtocolException("a message was not encrypted with the link's key");
        }
        plain.flip();
        // An attacker can replay a greeting and gets an answer, but cannot encrypt a message.
        authenticated = true;
        sealed.position(Short.BYTES + length);
        sealed.compact();
    }

    private int nextLength() {
        return Short.toUnsignedInt(sealed.getShort(0));
    }

    private boolean nextArrived() {
        return sealed.position() >= Short.BYTES
                && sealed.position() >= Short.BYTES + nextLength();
    }

    @Override
    public boolean more() {
        return !handshaking() && (plain.hasRemaining() || nextArrived());
    }

    @Override
    public boolean write(ByteBuffer from) throws IOException {
        channel.write(out);
        while (!out.hasRemaining() && from.hasRemaining()) {
            encrypt(from);
            channel.write(out);
        }
        return !out.hasRemaining();
    }

    private void encrypt(ByteBuffer from) {
        if (out.capacity() < Short.BYTES + MAX_SEALED_BYTES) {
            out = ByteBuffer.allocate(Short.BYTES + MAX_SEALED_BYTES);
        }
        ByteBuffer part = take(from, MAX_PLAIN_BYTES);
        out.clear().putShort((short) (part.remaining() + NoiseCipher.TAG_BYTES));
        try {
            noise.sending.seal(part, out);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
        out.flip();
    }

    @Override
    public boolean waiting() {
        return out.hasRemaining();
    }

    @Override
    public boolean authenticated() {
        return authenticated;
    }

    @Override
    public Optional<Secret> secret() {
        return secret;
    }
}
