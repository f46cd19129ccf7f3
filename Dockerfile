# The network as an image of its own: slim, not root, and nothing to write but its data folder.
FROM python:3.13-slim AS build
WORKDIR /build
# Tools stay in an environment of their own: what is shipped has neither pip nor what builds.
RUN python -m venv /tools && python -m venv --without-pip /opt/vansim
COPY requirements.lock requirements-build.lock ./
RUN /tools/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
 && /tools/bin/pip --python /opt/vansim/bin/python install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY broker broker
COPY conversion conversion
COPY envelope envelope
COPY routing routing
COPY simulator simulator
RUN /tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /build/made . \
 && /tools/bin/pip --python /opt/vansim/bin/python install --no-cache-dir --no-deps /build/made/*.whl

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home vansim && mkdir /data && chown vansim /data
COPY --from=build /opt/vansim /opt/vansim
USER 10001:10001
ENV PATH=/opt/vansim/bin:$PATH PYTHONUNBUFFERED=1 VANSIM_DATA=/data VANSIM_PROBE=/tmp/vansim.probe
VOLUME /data
EXPOSE 8180
# Asked over a socket inside the container: router, workers and participants listen on no port at all.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "simulator.probe"]
ENTRYPOINT ["vansim"]
CMD ["up"]
