package bcast;

import bcast.base.Context;
import bcast.base.FileFault;
import bcast.base.Log;
import bcast.base.WatchedFile;
import bcast.base.Worker;
import bcast.cluster.net.Secret;
import bcast.http.CertificateFiles;
import bcast.http.Certificates;
import bcast.http.Tokens;
import bcast.validator.Ed25519Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The files of secrets, tokens, keys and certificates, which a node reads again when they change.
 * Only one thread, {@code files}, reads them after the start, so that no other waits for the disk.
 */
final class CredentialFiles {

    private final Config config;
    private final Log log;
    private final List<WatchedFile<?>> files = new ArrayList<>();
    private final Semaphore readAgain = new Semaphore(0);
    private final Worker watcher;

    CredentialFiles(Config config, Context context) {
        this.config = config;
        this.log = context.log();
        this.watcher = new Worker("files", this::watch, context.fault());
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

    /** What a file means; the start fails if it means nothing. */
    private <T> WatchedFile<T> watched(Path file, String flag, WatchedFile.Parser<T> parser)
            throws StartException {
        try {
            WatchedFile<T> watched = new WatchedFile<>(file, parser, log);
            files.add(watched);
            return watched;
        } catch (IOException e) {
            throw new StartException("cannot read " + FileFault.why(e) + "; see " + flag, 1);
        } catch (IllegalArgumentException e) {
            throw new StartException("cannot use " + file + ": " + e.getMessage() + "; see "
                    + flag, 1);
        }
    }

    private void warnIfOpen(Path path) {
        try {
            if (Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
                log.warn(path + " can be read by every user of this host; run chmod 600 on it");
            }
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("the permissions of " + path + " are unknown: " + e);
        }
    }

    /**
     * The cluster's secrets.
     *
     * @param told gets them before anybody else, now and whenever they change
     */
    Supplier<List<Secret>> secrets(Consumer<List<Secret>> told) throws StartException {
        if (config.secretFile().isEmpty()) {
            return List::of;
        }
        Path path = config.secretFile().get();
        WatchedFile<List<Secret>> file = watched(path, "-secretfile", Secret::parse);
        warnIfOpen(path);
        file.whenRead(told);
        return file::value;
    }

    /** The tokens of which posts need one, if they do. */
    Supplier<Optional<Tokens>> tokens() throws StartException {
        if (config.tokenFile().isEmpty()) {
            return Optional::empty;
        }
        WatchedFile<Tokens> file = watched(config.tokenFile().get(), "-tokenfile", Tokens::of);
        warnIfOpen(config.tokenFile().get());
        return () -> Optional.of(file.value());
    }

    /** What HTTPS is served by, if it is. */
    Optional<Certificates> certificates() throws StartException {
        if (config.tlsCert().isEmpty()) {
            return Optional.empty();
        }
        Path cert = config.tlsCert().get();
        Path key = config.tlsKey().orElseThrow();
        warnIfOpen(key);
        try {
            return Optional.of(new Certificates(
                    watched(cert, "-tlscert", CertificateFiles::certificates),
                    watched(key, "-tlskey", CertificateFiles::key), log));
        } catch (IllegalArgumentException e) {
            throw new StartException("cannot use " + cert + " with " + key + ": "
                    + e.getMessage(), 1);
        }
    }

    /**
     * The keys by which records may be signed.
     *
     * @param changed runs now and whenever they change
     */
    Supplier<List<PublicKey>> trusted(Path path, Runnable changed) throws StartException {
        WatchedFile<List<PublicKey>> file = watched(path, "-validator", Ed25519Validator::keys);
        file.whenRead(any -> changed.run());
        return file::value;
    }
}
