# bcast: one jar, no dependency beyond a JDK 17 or later. `make help` lists the targets.

VERSION := 0.1.0

# The JDK: JAVA_HOME if it is set, else the one whose javac is on the path.
ifdef JAVA_HOME
JDK_BIN := $(JAVA_HOME)/bin/
endif
JAVA  := $(JDK_BIN)java
JAVAC := $(JDK_BIN)javac
JAR   := $(JDK_BIN)jar
JDEPS := $(JDK_BIN)jdeps
JLINK := $(JDK_BIN)jlink

OS    := $(shell uname -s | tr 'A-Z' 'a-z' | sed 's/^\(mingw\|msys\|cygwin\).*/windows/; s/^darwin/macos/')
ARCH  := $(shell uname -m)
IMAGE := build/bcast-$(OS)-$(ARCH)

# JUnit, for tests only. Maven fetches it once; the digest is checked.
JUNIT        := junit-platform-console-standalone
JUNIT_VER    := 6.0.3
JUNIT_SHA256 := 3ba0d6150af79214a1411f9ea2fbef864eef68b68c89a17f672c0b89bff9d3a2
JUNIT_JAR    := build/lib/$(JUNIT)-$(JUNIT_VER).jar

SOURCES   := $(shell find src -type f)
# The examples are compiled by a test, against the jar alone.
TESTS     := $(shell find test -path test/examples -prune -o -type f -name '*.java' -print)
LINT      := -Xlint:all -Xdoclint:all/protected,-missing -Werror
# Packages whose public types others implement or call: make check wants all of their Javadoc.
MODULES   := bcast.base,bcast.cluster,bcast.core,bcast.data,bcast.eventbus,bcast.http,bcast.storage,bcast.validator
# What stands between the entries of a class path.
SEP       := $(if $(filter windows,$(OS)),;,:)
# One fixed time in every entry, so that equal sources make equal jars.
JAR_DATE  := 2026-01-01T00:00:00Z

.DELETE_ON_ERROR:
.PHONY: all test check sim mutants fuzz scale glomers bench figures nine http durable floods run demo \
  image floor-image clean help jdk

# make: builds build/bcast.jar
all: build/bcast.jar

# make jdk: checks that there is a JDK 17 or later
jdk:
	@v=$$("$(JAVAC)" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'); \
	if [ -z "$$v" ] || [ "$$v" -lt 17 ]; then \
	  echo "bcast needs a JDK 17 or later: install one (Debian: apt-get install openjdk-17-jdk-headless) or set JAVA_HOME" >&2; exit 1; fi

build/bcast.jar: $(SOURCES) Makefile | jdk
	@rm -rf build/classes && mkdir -p build/classes
	@"$(JAVAC)" --release 17 -encoding UTF-8 -g -XDstringConcat=inline $(LINT) -d build/classes $(filter %.java,$(SOURCES))
	@set -e; for f in $(filter-out %.java,$(SOURCES)); do \
	  mkdir -p "build/classes/$$(dirname "$${f#src/}")"; cp "$$f" "build/classes/$${f#src/}"; done
	@"$(JAR)" --create --file $@ --main-class bcast.Main --module-version $(VERSION) \
	  --date=$(JAR_DATE) -C build/classes .
	@echo "built $@"

$(JUNIT_JAR):
	@command -v mvn >/dev/null || { echo "the tests need Maven to fetch JUnit: install it (Debian: apt-get install maven)" >&2; exit 1; }
	@mkdir -p build/lib
	@fetch() { mvn -q -B -ntp "$$@" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
	  -Dartifact=org.junit.platform:$(JUNIT):$(JUNIT_VER) -DoutputDirectory=build/lib; }; \
	  fetch -o >/dev/null 2>&1 || fetch
	@echo "$(JUNIT_SHA256)  $@" | { sha256sum -c --quiet 2>/dev/null || shasum -a 256 -c --quiet; } \
	  || { echo "$@ is not the file we know" >&2; exit 1; }

# A file, touched last, so that classes of a compilation that failed never count as built.
TESTS_BUILT := build/test-classes.built

$(TESTS_BUILT): build/bcast.jar $(JUNIT_JAR) $(TESTS)
	@rm -rf $@ build/test-classes && mkdir -p build/test-classes
	@"$(JAVAC)" --release 17 -encoding UTF-8 -g -Xlint:all,-processing -Werror -cp "build/classes$(SEP)$(JUNIT_JAR)" -d build/test-classes $(TESTS)
	@touch $@

# Classes run side by side, since most tests wait; those that measure the process are @Isolated.
PARALLEL := junit.jupiter.execution.parallel
JUNIT_RUN = "$(JAVA)" -ea -Xmx1g -jar $(JUNIT_JAR) execute --class-path "build/classes$(SEP)build/test-classes" \
	  --scan-class-path build/test-classes --fail-if-no-tests --disable-banner --details=tree \
	  --config=$(PARALLEL).enabled=true --config=$(PARALLEL).mode.classes.default=concurrent \
	  --config=$(PARALLEL).config.strategy=fixed --config=$(PARALLEL).config.fixed.parallelism=4

# make test: all tests, with real processes on loopback; ONLY=Name runs one class
test: $(TESTS_BUILT)
	@"$(JAVA)" -version 2>&1 | head -1
	@$(JUNIT_RUN) --exclude-tag=slow $(if $(ONLY),--include-classname='.*$(ONLY).*',--include-classname='.*Test')

# make check: lint, house rules, and what the jar depends on
check: $(TESTS_BUILT)
	@rm -rf build/tmp/doclint && mkdir -p build/tmp/doclint
	@"$(JAVAC)" --release 17 -encoding UTF-8 -Xdoclint:all/protected -Xdoclint/package:$(MODULES) -Werror \
	  -d build/tmp/doclint $(filter %.java,$(SOURCES))
	@$(JUNIT_RUN) --include-classname='.*HouseTest' --details=none
	@deps=$$("$(JDEPS)" --print-module-deps build/bcast.jar); echo "jdeps: $$deps"; \
	  [ "$$deps" = "java.base,jdk.httpserver" ]

# make sim: whole nodes in virtual time; SEEDS=n seeds from FIRST=n on, or SEED=n with its story
SEEDS ?= 300
FIRST ?= 1
sim: $(TESTS_BUILT)
	@"$(JAVA)" -ea -Xmx2g -cp "build/classes$(SEP)build/test-classes" bcast.sim.SimMain \
	  $(if $(SEED),$(SEED),$(FIRST) $(SEEDS))

# make mutants: plants known bugs and counts the seeds it takes to find each; BUG="part of a name"
mutants: $(TESTS_BUILT)
	@"$(JAVA)" -cp "build/classes$(SEP)build/test-classes" bcast.sim.Mutants $(if $(BUG),"$(BUG)")

# make fuzz: 1,000,000 spoiled frames and 100,000 spoiled requests; SEED=n CASE=n PART=http COUNT=n
fuzz: $(TESTS_BUILT)
	@"$(JAVA)" -ea -Xmx1g -cp "build/classes$(SEP)build/test-classes" bcast.fuzz.Fuzz \
	  $(if $(SEED),seed=$(SEED)) $(if $(CASE),case=$(CASE)) $(if $(PART),part=$(PART)) \
	  $(if $(COUNT),count=$(COUNT))

# make scale: clusters of 10 to 10,000 whole nodes in virtual time; NODES="10 100" for some
NODES ?= 10 100 1000 10000
scale: $(TESTS_BUILT)
	@"$(JAVA)" -Xmx12g -cp "build/classes$(SEP)build/test-classes" bcast.sim.Scale $(NODES)

# make bench: speed beside that of the bare JDK; PART="posts lists" JDKS="folders" JVM="-options"
JDK_HOME = $(patsubst %/bin/javac,%,$(realpath $(or $(if $(JDK_BIN),$(JAVAC)), \
  $(shell command -v "$(JAVAC)"))))
# The newest of the others beside it.
OTHER_JDK = $(shell for home in "$(dir $(JDK_HOME))"*; do \
  if [ -x "$$home/bin/javac" ] && [ ! -L "$$home" ] && [ "$$home" != "$(JDK_HOME)" ]; then \
    echo "$$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$$home/release") $$home"; \
  fi; done | sort -t. -k1,1n -k2,2n -k3,3n | tail -1 | cut -d' ' -f2-)
JDKS ?= $(JDK_HOME) $(OTHER_JDK)
# So large a young generation that the load generator collects no garbage while it measures.
BENCH_HEAP = -Xmx4g -Xmn1500m
# Not what the environment may call so.
JVM =
bench: $(TESTS_BUILT)
	@"$(JAVA)" $(BENCH_HEAP) -Dbcast.bench.jvm="$(JVM)" \
	  -cp "build/classes$(SEP)build/test-classes" bcast.bench.speed.Bench \
	  "$(PART)" $(JDKS)

# make figures: puts the table and the plot of the last make bench into .github/speed.md
figures: $(TESTS_BUILT)
	@"$(JAVA)" -cp "build/classes$(SEP)build/test-classes" bcast.bench.speed.Publish

# make glomers: 25 nodes, 100 ms on every link, 100 operations a second, in virtual time
glomers: $(TESTS_BUILT)
	@"$(JAVA)" -cp "build/classes$(SEP)build/test-classes" bcast.sim.Glomers

# make nine: nine processes on loopback, 1,000 posts a second for 30 seconds
nine: $(TESTS_BUILT)
	@"$(JAVA)" -cp "build/classes$(SEP)build/test-classes" bcast.bench.NineNodes

# make http: batches of RECORDS=n by curl, Java and Python; events with a reader that stands still
RECORDS ?= 1000000
http: $(TESTS_BUILT)
	@"$(JAVA)" -ea -Xmx2g -cp "build/classes$(SEP)build/test-classes" bcast.bench.HttpProof $(RECORDS)

# make floods: hostile clients and peers at a node of 128 MiB, SECONDS=n each; PART="lists"
SECONDS ?= 20
floods: $(TESTS_BUILT)
	@"$(JAVA)" -Xmx2g -cp "build/classes$(SEP)build/test-classes" bcast.bench.Floods $(SECONDS) "$(SEED)" "$(PART)"

# make durable: KILLS=n kills, power cuts, full disks; nothing acknowledged is lost; PART="names"
KILLS ?= 200
POSTS ?= 1000
durable: $(TESTS_BUILT)
	@"$(JAVA)" -ea -Xmx2g -cp "build/classes$(SEP)build/test-classes" bcast.bench.DurableProof \
	  $(KILLS) $(RECORDS) $(POSTS) $(or $(SEED),$(shell date +%s)) $(PART)

# make run: a node on port 8080
run: build/bcast.jar
	@"$(JAVA)" -jar build/bcast.jar -httpport=8080

# make demo: the whole story in some seconds, with curl
demo: build/bcast.jar
	@JAVA="$(JAVA)" sh test/demo.sh

# An image's launcher: nothing but the shell itself, for machines with an empty PATH.
define LAUNCHER
#!/bin/sh
# Starts $(MODULE) with the Java beside it. JAVA_OPTS and CLASSPATH are passed on.
self=$$0
case $$self in */*) ;; *) self=./$$self ;; esac
while [ -L "$$self" ]; do
  link=$$(readlink "$$self") || exit 1
  case $$link in /*) self=$$link ;; *) self=$${self%/*}/$$link ;; esac
done
# Silent about an archive of classes that does not fit JAVA_OPTS: it then starts without.
exec "$${self%/*}/java" -Xlog:cds=off --add-modules jdk.unsupported $$JAVA_OPTS -m $(MODULE)/$(MODULE).Main "$$@"
endef
export LAUNCHER

# Curves for secret links, Ed25519 and TLS: a module of their own in older JDKs.
CURVES = $(if $(shell "$(JAVA)" --list-modules | grep '^jdk.crypto.ec@'),$(comma)jdk.crypto.ec)
comma := ,

# Starts an image once, until it answers, and keeps the classes this took as Java lays them out in
# memory, where Java looks for such a file by itself: later starts take half as long.
define ARCHIVE
	@java=$(IMAGE)/bin/java; main=$(MODULE)/$(MODULE).Main; list=$(IMAGE)/classes; \
	port=$$((20000 + $$$$ % 10000)); \
	"$$java" -XX:DumpLoadedClassList=$$list -m $$main $(SERVE)$$port >/dev/null 2>&1 & pid=$$!; \
	for try in $$(seq 100); do \
	  if curl -s -o /dev/null "http://127.0.0.1:$$port/healthz"; then break; fi; sleep 0.1; \
	done; \
	{ kill $$pid && wait $$pid; "$$java" -XX:+IgnoreUnrecognizedVMOptions -XX:+AOTClassLinking \
	  -Xshare:dump -XX:SharedClassListFile=$$list -m $$main; } >/dev/null 2>&1 \
	  || echo "$(IMAGE) has no archive of classes, so it starts slower"; \
	rm -f $$list
endef

# Makes the image of a module from its jar.
define LINK
	@rm -rf $(IMAGE)
	@"$(JLINK)" --module-path $< --add-modules $(MODULE)$(CURVES)$(comma)jdk.unsupported --output $(IMAGE) \
	  --strip-java-debug-attributes --no-header-files --no-man-pages
	@printf '%s\n' "$$LAUNCHER" > $(IMAGE)/bin/$(MODULE) && chmod +x $(IMAGE)/bin/$(MODULE)
	$(ARCHIVE)
	@echo "built $(IMAGE)/bin/$(MODULE) ($$(du -sm $(IMAGE) | cut -f1) MB)"
endef

# make image: a folder with bcast and the Java it needs, for machines that have none
image: MODULE = bcast
image: SERVE = -bind=127.0.0.1 -group=off -httpport=
image: build/bcast.jar
	$(LINK)

# The same of the program against which the start is measured; see make bench.
floor-image: MODULE = bare
floor-image: build/tmp/bench/start/bare.jar
	$(LINK)

# make clean: deletes build/
clean:
	@rm -rf build

# make help: lists the targets
help:
	@sed -n 's/^# make\( [a-z]*\)\{0,1\}: /make\1: /p' Makefile | sed 's/^/  /'
