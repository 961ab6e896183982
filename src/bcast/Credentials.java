package bcast;

import bcast.base.Context;
import bcast.base.FileFault;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.base.WatchedFile;
import bcast.base.Worker;
import bcast.cluster.Secrets;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.http.CertificateFiles;
import bcast.http.Certificates;
import bcast.http.Tokens;
import bcast.validator.DigestValidator;
import bcast.validator.Ed25519Validator;
import bcast.validator.Validator;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The files of secrets, tokens, keys and certificates that the command line names, each of at most
 * 64 KiB. While the node runs, the thread {@code files} looks at them every second and at SIGHUP:
 * what they contain by then is in force at once, and a file that cannot be used changes nothing and
 * is logged. The getters never block and are safe for use by any thread.
 */
public final class Credentials {

    /** Begins the name of the validator that is followed by a file of keys. */
    static final String ED25519 = "ed25519:";

    private final Config config;
    private final Log log;
    private final List<WatchedFile<?>> files = new ArrayList<>();
    private final Semaphore readAgain = new Semaphore(0);
    private final Worker watcher;
    private final Supplier<Secrets> secrets;
    private final Supplier<Optional<Tokens>> tokens;
    private final Optional<Certificates> certificates;

    /**
     * Reads all files but that of {@code -validator}.
     *
     * @param config names the files
     * @param context what every module is given
     * @throws StartException if a file cannot be read or its content cannot be used
     */
    public Credentials(Config config, Context context) throws StartException {
        this.config = config;
        this.log = context.log();
        this.watcher = new Worker("files", this::watch, context.fault());
        this.secrets = readSecrets();
        this.tokens = readTokens();
        this.certificates = readCertificates();
    }

    /** {@return the cluster's secrets now; none if its links are open} */
    public Secrets secrets() {
        return secrets.get();
    }

    /** {@return the keys by which peers compare what they hold now; at least one} */
    public List<SipHash> hashKeys() {
        return secrets().hashKeys(config.cluster());
    }

    /** {@return the tokens of which writes need one now; empty if they need none} */
    public Optional<Tokens> tokens() {
        return tokens.get();
    }

    /** {@return what HTTPS is served by, which follows its files; empty for HTTP} */
    public Optional<Certificates> certificates() {
        return certificates;
    }

    /**
     * Makes the validator that {@code -validator} names. To be called once, before the node starts.
     *
     * @param bus gets {@link Event.KeysChanged} once the validator uses other keys
     * @return the validator
     * @throws UsageException if there is no such class or it makes no validator
     * @throws StartException if the file of keys cannot be read or its content cannot be used
     */
    public Validator validator(EventBus bus) throws StartException {
        String name = config.validator();
        if (name.equals("md5")) {
            return DigestValidator.md5();
        }
        if (name.equals("sha256")) {
            return DigestValidator.sha256();
        }
        if (!name.startsWith(ED25519)) {
            return ofClass(name);
        }
        WatchedFile<List<PublicKey>> keys = watched(Path.of(name.substring(ED25519.length())),
                "-validator", Ed25519Validator::keys);
        keys.whenChanged(() -> bus.publish(new Event.KeysChanged()));
        return new Ed25519Validator(keys::value);
    }

    private static Validator ofClass(String name) throws UsageException {
        try {
            Class<?> own = Class.forName(name, true, ClassLoader.getSystemClassLoader());
            return (Validator) own.getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw badValidator(name, "no such class on the class path; start with: java -cp "
                    + "build/bcast.jar:yours.jar bcast.Main");
        } catch (LinkageError | InvocationTargetException e) {
            throw badValidator(name, "it cannot be loaded: "
                    + (e.getCause() == null ? e : e.getCause()));
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw badValidator(name, "it must be a public class with a public constructor without "
                    + "parameters that implements " + Validator.class.getName());
        }
    }

    private static UsageException badValidator(String name, String why) {
        return new UsageException("bad value \"" + name + "\" for -validator: " + why);
    }

    private Supplier<Secrets> readSecrets() throws StartException {
        return config.secretFile().isEmpty() ? () -> Secrets.NONE
                : secret(config.secretFile().get(), "-secretfile", Secrets::parse)::value;
    }

    private Supplier<Optional<Tokens>> readTokens() throws StartException {
        if (config.tokenFile().isEmpty()) {
            return Optional::empty;
        }
        WatchedFile<Tokens> file = secret(config.tokenFile().get(), "-tokenfile", Tokens::of);
        return () -> Optional.of(file.value());
    }

    private Optional<Certificates> readCertificates() throws StartException {
        if (config.tlsCert().isEmpty()) {
            return Optional.empty();
        }
        Path cert = config.tlsCert().get();
        Path key = config.tlsKey().orElseThrow();
        try {
            return Optional.of(new Certificates(
                    watched(cert, "-tlscert", CertificateFiles::certificates),
                    secret(key, "-tlskey", CertificateFiles::key), log));
        } catch (IllegalArgumentException e) {
            throw new StartException("cannot use " + cert + " with " + key + ": "
                    + e.getMessage());
        }
    }

    <T> WatchedFile<T> watched(Path file, String flag, Function<byte[], T> parser)
            throws StartException {
        try {
            WatchedFile<T> watched = new WatchedFile<>(file, parser, log);
            files.add(watched);
            return watched;
        } catch (IOException e) {
            throw new StartException("cannot read " + FileFault.why(e) + "; see " + flag);
        } catch (IllegalArgumentException e) {
            throw new StartException("cannot use " + file + ": " + e.getMessage() + "; see "
                    + flag);
        }
    }

    /** A file that not everybody should be able to read. */
    private <T> WatchedFile<T> secret(Path path, String flag, Function<byte[], T> parser)
            throws StartException {
        WatchedFile<T> watched = watched(path, flag, parser);
        try {
            if (Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
                log.warn(path + " can be read by every user of this host; run chmod 600 on it");
            }
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("the permissions of " + path + " are unknown: " + e);
        }
        return watched;
    }

    /** Begins to look for changes; no file is added from now on. */
    void start() {
        watcher.start();
    }

    void stop() {
        watcher.stop();
    }

    /** Has all files read again soon, whether or not they look changed. Safe for any thread. */
    void readAgain() {
        readAgain.release();
    }

    private void watch() throws InterruptedException {
        while (true) {
            if (readAgain.tryAcquire(WatchedFile.LOOK_MS, TimeUnit.MILLISECONDS)) {
                readAgain.drainPermits();
                readAll();
            } else {
                files.forEach(WatchedFile::look);
            }
        }
    }

    private void readAll() {
        if (files.isEmpty()) {
            log.info("SIGHUP: this node has no files of secrets, tokens, keys or certificates to "
                    + "read again");
            return;
        }
        List<String> changed = new ArrayList<>();
        for (WatchedFile<?> file : files) {
            if (file.readAgain()) {
                changed.add("" + file.path());
            }
        }
        log.info("SIGHUP: read " + files.size() + " files again, " + (changed.isEmpty()
                ? "none has changed" : "changed: " + String.join(", ", changed)));
    }
}
