package bcast.cluster;

import bcast.base.FileText;
import bcast.cluster.net.secret.Secret;
import bcast.data.SipHash;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The secrets of one file, which the nodes of one cluster share. The first is used for new links,
 * and all are accepted. Immutable; safe for use by any thread; not shown by {@link #toString}.
 */
public final class Secrets {

    /** A cluster without a secret, which is open to every node on its hosts' private networks. */
    public static final Secrets NONE = new Secrets(List.of());

    private final List<Secret> all;

    private Secrets(List<Secret> all) {
        this.all = all;
    }

    /** Most secrets in a file: the one in use, the one before and the one to come. */
    static final int MAX_SECRETS = 3;

    /**
     * Reads a file of secrets: 1 to 3, one a line, each of 32 bytes or more in hex or base64.
     * Lines that begin with {@code #} are comments.
     *
     * @param file the content of the file
     * @return its secrets
     * @throws IllegalArgumentException if the content is anything else; the message names the line
     *     and the reason, and does not quote the file
     */
    public static Secrets parse(byte[] file) {
        Set<Secret> seen = new HashSet<>();
        List<Secret> all = FileText.lines(FileText.of(file), line -> {
            Secret secret = Secret.decode(line);
            if (!seen.add(secret)) {
                throw new IllegalArgumentException("repeats a secret");
            }
            return secret;
        });
        if (all.isEmpty() || all.size() > MAX_SECRETS) {
            throw new IllegalArgumentException(all.size() + " secrets; there must be 1.."
                    + MAX_SECRETS + ", one a line; bcast -newsecret prints one");
        }
        return new Secrets(all);
    }

    /**
     * Makes a new secret of 32 bytes.
     *
     * @param random the source of randomness
     * @return its line for a file, without a line end
     */
    public static String newLine(SecureRandom random) {
        byte[] bytes = new byte[Secret.MIN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * The keys by which records are hashed: one a secret, in the order of the file. Without a
     * secret there is one, derived from the cluster's name.
     *
     * @param cluster name of the cluster
     * @return the keys, at least one
     */
    public List<SipHash> hashKeys(String cluster) {
        return all.isEmpty() ? List.of(Secret.openHashKey(cluster))
                : all.stream().map(secret -> secret.hashKey(cluster)).toList();
    }

    /** The secrets in the order of the file. */
    List<Secret> all() {
        return all;
    }
}
