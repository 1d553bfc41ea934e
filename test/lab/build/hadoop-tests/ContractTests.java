/** Hadoop's own contract tests for file systems, run on the one that is named; a line of JSON for each test. */
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.contract.*;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

public class ContractTests {
  /** What HDFS promises, as Hadoop's own tests of WebHDFS have it. */
  private static final String[] PROMISES = {
    "is-case-sensitive", "supports-append", "supports-atomic-directory-delete", "supports-atomic-rename",
    "supports-block-locality", "supports-concat", "supports-seek", "supports-strict-exceptions",
    "supports-unix-permissions", "supports-settimes", "supports-getfilestatus",
    "rename-returns-false-if-source-missing", "rename-returns-false-if-dest-exists",
  };

  static class Named extends AbstractFSContract {
    Named(Configuration conf) {
      super(conf);
      for (String promise : PROMISES) conf.setBoolean("fs.contract." + promise, true);
      conf.setInt("fs.contract.test.random-seek-count", 20);
    }

    @Override public FileSystem getTestFileSystem() throws IOException {
      return FileSystem.get(URI.create(System.getProperty("contract.uri")), getConf());
    }

    @Override public String getScheme() {
      return URI.create(System.getProperty("contract.uri")).getScheme();
    }

    @Override public Path getTestPath() {
      return new Path(System.getProperty("contract.path"));
    }
  }

  public static class Append extends AbstractContractAppendTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Concat extends AbstractContractConcatTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class ContentSummary extends AbstractContractContentSummaryTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class CopyFromLocal extends AbstractContractCopyFromLocalTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Create extends AbstractContractCreateTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Delete extends AbstractContractDeleteTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class GetFileStatus extends AbstractContractGetFileStatusTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Mkdir extends AbstractContractMkdirTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Open extends AbstractContractOpenTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Rename extends AbstractContractRenameTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class Seek extends AbstractContractSeekTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }
  public static class SetTimes extends AbstractContractSetTimesTest {
    protected AbstractFSContract createContract(Configuration conf) { return new Named(conf); }
  }

  private static final Class<?>[] SUITES = {
    Append.class, Concat.class, ContentSummary.class, CopyFromLocal.class, Create.class, Delete.class,
    GetFileStatus.class, Mkdir.class, Open.class, Rename.class, Seek.class, SetTimes.class,
  };

  /** A test counts by its worst event. */
  static class Lines extends RunListener {
    private final Map<String, String[]> ends = new LinkedHashMap<>();

    private static String nameOf(Description test) {
      return test.getTestClass().getSimpleName() + "." + test.getMethodName();
    }

    @Override public void testStarted(Description test) {
      ends.put(nameOf(test), new String[] {"passed", ""});
    }

    @Override public void testFailure(Failure failure) {
      Throwable thrown = failure.getException();
      String said = thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
      ends.put(nameOf(failure.getDescription()), new String[] {"failed", said});
    }

    @Override public void testAssumptionFailure(Failure failure) {
      ends.put(nameOf(failure.getDescription()), new String[] {"skipped", String.valueOf(failure.getMessage())});
    }

    @Override public void testIgnored(Description test) {
      ends.put(nameOf(test), new String[] {"skipped", "ignored"});
    }

    void print() {
      for (Map.Entry<String, String[]> end : ends.entrySet()) {
        String[] told = end.getValue();
        System.out.println("{\"test\":" + text(end.getKey()) + ",\"end\":" + text(told[0]) + ",\"said\":" + text(told[1]) + "}");
      }
    }

    private static String text(String value) {
      StringBuilder out = new StringBuilder("\"");
      for (char letter : value.toCharArray()) {
        if (letter == '"' || letter == '\\') out.append('\\').append(letter);
        else if (letter < 32) out.append(' ');
        else out.append(letter);
      }
      return out.append('"').toString();
    }
  }

  public static void main(String[] args) {
    JUnitCore core = new JUnitCore();
    Lines lines = new Lines();
    core.addListener(lines);
    core.run(SUITES);
    lines.print();
    System.exit(0);
  }
}
