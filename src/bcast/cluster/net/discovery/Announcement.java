package bcast.cluster.net.discovery;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Fields;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.secret.Secret;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * What a node announces in a datagram: {@code u32 magic | u8 version | i64 time, if signed | text
 * cluster | node | address | 32 bytes of signature, if signed}.
 *
 * @param address where the node listens; an empty host stands for the datagram's source
 * @param authenticated whether its signature and time are right
 */
record Announcement(String cluster, NodeId node, Address address, boolean authenticated) {

    static final int MAX_DATAGRAM_BYTES = 1_024;

    private static final int MAGIC = 0x62637374;
    private static final byte OPEN = 1;
    /** With a time before the content and a signature after it. */
    private static final byte SIGNED = 2;
    private static final int SIGNATURE_BYTES = 32;

    /** Writes the datagram. A secret signs it with the time, against forgery and replay. */
    ByteBuffer encode(Optional<Secret> secret, long wallMs) {
        ByteBuffer datagram = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);
        datagram.putInt(MAGIC).put(secret.isPresent() ? SIGNED : OPEN);
        if (secret.isPresent()) {
            datagram.putLong(wallMs);
        }
        Fields.text(datagram, cluster);
        Fields.node(datagram, node);
        Fields.address(datagram, address);
        secret.ifPresent(each -> datagram.put(each.sign(datagram.duplicate().flip())));
        return datagram.flip();
    }

    /**
     * Reads a datagram. It counts as authenticated if one of the secrets signed it, at a time that
     * differs by no more than {@code maxSkewMs}, and without secrets if it is not signed.
     */
    static Announcement decode(ByteBuffer datagram, List<Secret> secrets, long wallMs,
            long maxSkewMs) throws ProtocolException {
        try {
            if (datagram.getInt() != MAGIC) {
                throw new ProtocolException("not an announcement");
            }
            byte version = datagram.get();
            if (version != OPEN && version != SIGNED) {
                throw new ProtocolException("an announcement of unknown version");
            }
            boolean authenticated = version == OPEN ? secrets.isEmpty()
                    : inTime(datagram.getLong() - wallMs, maxSkewMs) && signed(datagram, secrets);
            return new Announcement(Fields.text(datagram), Fields.node(datagram),
                    Fields.address(datagram), authenticated);
        } catch (BufferUnderflowException e) {
            throw new ProtocolException("a truncated announcement");
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("an announcement with a broken field: " + e.getMessage());
        }
    }

    private static boolean inTime(long differsMs, long maxSkewMs) {
        return differsMs >= -maxSkewMs && differsMs <= maxSkewMs;
    }

    private static boolean signed(ByteBuffer datagram, List<Secret> secrets) {
        int signedBytes = datagram.limit() - SIGNATURE_BYTES;
        if (signedBytes < datagram.position()) {
            return false;
        }
        byte[] signature = new byte[SIGNATURE_BYTES];
        datagram.get(signedBytes, signature);
        return secrets.stream().anyMatch(secret -> MessageDigest.isEqual(signature,
                secret.sign(datagram.duplicate().position(0).limit(signedBytes))));
    }
}
