# The network as an image of its own: slim, not root, nothing to write but its data folder.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/vansim
COPY requirements.lock ./
RUN /opt/vansim/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /opt/vansim/bin/pip install --no-cache-dir hatchling
COPY pyproject.toml README.md ./
COPY broker broker
COPY conversion conversion
COPY envelope envelope
COPY routing routing
COPY simulator simulator
RUN /opt/vansim/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/vansim/bin/pip uninstall --yes hatchling

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home vansim && mkdir /data && chown vansim /data
COPY --from=build /opt/vansim /opt/vansim
USER vansim
ENV PATH=/opt/vansim/bin:$PATH PYTHONUNBUFFERED=1 VANSIM_DATA=/data
VOLUME /data
EXPOSE 8180
ENTRYPOINT ["vansim"]
CMD ["up"]
