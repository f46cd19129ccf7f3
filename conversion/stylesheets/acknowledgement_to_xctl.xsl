<?xml version="1.0" encoding="UTF-8"?>
<!--
  Acknowledgement to XCTL, and every other XCTL that is written here: one receipt for one letter.

  The source is an order (conversion/orders.py): the kind of receipt (r:kind), what is answered (r:original), and the
  receipt's own identifiers, Danish time, parties, and the code and text of a refusal. RefuseText is made as plain text
  with newlines; the caller turns those into Break.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"
    xmlns:r="urn:vansim:receipt"
    xmlns:row="urn:vansim:row"
    exclude-result-prefixes="r row">

  <xsl:output method="xml" encoding="ISO-8859-1" indent="no"/>

  <xsl:variable name="order" select="/r:order"/>
  <xsl:variable name="kind" select="$order/r:kind"/>
  <xsl:variable name="original" select="$order/r:original"/>

  <xsl:template match="/">
    <Emessage>
      <Envelope>
        <Sent>
          <Date row:id="AR-sent-date"><xsl:value-of select="$order/@date"/></Date>
          <Time row:id="AR-sent-time"><xsl:value-of select="$order/@time"/></Time>
        </Sent>
        <Identifier row:id="AR-envelope-identifier"><xsl:value-of select="$order/@envelope"/></Identifier>
        <AcknowledgementCode row:id="AR-acknowledgement-code">minuspositivkvitt</AcknowledgementCode>
      </Envelope>
      <xsl:element name="{$kind/@element}" row:id="AR-receipt-kind">
        <Letter>
          <Identifier row:id="AR-letter-identifier"><xsl:value-of select="$order/@letter"/></Identifier>
          <VersionCode row:id="AR-version-code"><xsl:value-of select="$kind/@version"/></VersionCode>
          <StatisticalCode row:id="AR-statistical-code"><xsl:value-of select="$kind/@type"/></StatisticalCode>
        </Letter>
        <Sender>
          <EANIdentifier row:id="AR-sender-gln"><xsl:value-of select="$order/@sender"/></EANIdentifier>
        </Sender>
        <Receiver>
          <EANIdentifier row:id="AR-receiver-gln"><xsl:value-of select="$order/@receiver"/></EANIdentifier>
        </Receiver>
        <OriginalEmessage>
          <xsl:apply-templates select="$original"/>
        </OriginalEmessage>
      </xsl:element>
    </Emessage>
  </xsl:template>

  <xsl:template match="r:original">
    <OriginalEnvelopeIdentifier row:id="AR-original-envelope-identifier"><xsl:value-of select="@envelope"/></OriginalEnvelopeIdentifier>
    <OriginalSender>
      <EANIdentifier row:id="AR-original-sender"><xsl:value-of select="@sender"/></EANIdentifier>
    </OriginalSender>
    <OriginalReceiver>
      <EANIdentifier row:id="AR-original-receiver"><xsl:value-of select="@receiver"/></EANIdentifier>
    </OriginalReceiver>
    <!-- Code and text speak of the whole sending: that is where receivers look first, and a sending holds one letter. -->
    <xsl:if test="$kind/@refuses">
      <RefuseCode row:id="AR-refuse-code"><xsl:value-of select="$order/@refuse-code"/></RefuseCode>
      <xsl:if test="$order/@refuse-text" row:id="AR-refuse-text">
        <RefuseText><xsl:value-of select="$order/@refuse-text"/></RefuseText>
      </xsl:if>
    </xsl:if>
    <!-- A letter that could not be read as far as its identifier is answered by its envelope alone. -->
    <xsl:if test="@letter">
      <OriginalLetter>
        <OriginalLetterIdentifier row:id="AR-original-letter-identifier"><xsl:value-of select="@letter"/></OriginalLetterIdentifier>
        <xsl:if test="not($kind/@refuses)">
          <OriginalVersionCode row:id="AR-original-version-code-positive"><xsl:value-of select="@version"/></OriginalVersionCode>
        </xsl:if>
        <xsl:if test="$kind/@refuses">
          <OriginalVersionCode row:id="AR-original-version-code-negative"><xsl:value-of select="@version"/></OriginalVersionCode>
        </xsl:if>
      </OriginalLetter>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
