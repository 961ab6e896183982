package bcast.base;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Describes why a file cannot be used: the message of Java's exceptions is often only its name. */
public final class FileFault {

    private FileFault() {}

    /**
     * {@return the reason of an exception, and the file where the exception names it}
     *
     * @param e the exception
     */
    public static String why(IOException e) {
        if (e instanceof FileSystemException fault) {
            return (fault.getFile() == null ? "" : fault.getFile() + ": ") + reason(fault);
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String reason(FileSystemException e) {
        return e instanceof AccessDeniedException ? "permission denied"
                : e instanceof NoSuchFileException ? "no such file or directory"
                : e instanceof NotDirectoryException ? "not a directory"
                : e instanceof FileAlreadyExistsException ? "a file of this name exists"
                : e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }
}
