// Logs lines through Logback and loki4j: <url> <count>.

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public class Loki4jClient {
  private static final String CONFIG =
      """
      <configuration>
        <appender name="LOKI" class="com.github.loki4j.logback.Loki4jAppender">
          <http><url>%s/loki/api/v1/push</url></http>
          <batchTimeoutMs>100</batchTimeoutMs>
          <format>
            <label><pattern>client=loki4j,level=%%level</pattern></label>
            <message><pattern>%%msg</pattern></message>
          </format>
        </appender>
        <root level="INFO"><appender-ref ref="LOKI"/></root>
      </configuration>
      """;

  public static void main(String[] arguments) throws Exception {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    String config = String.format(CONFIG, arguments[0]);
    configurator.doConfigure(new ByteArrayInputStream(config.getBytes(StandardCharsets.UTF_8)));
    Logger logger = LoggerFactory.getLogger("client");
    int count = Integer.parseInt(arguments[1]);
    for (int number = 0; number < count; ++number) {
      logger.warn("line {}", number);
    }
    context.stop();
  }
}
