<?xml version="1.0" encoding="UTF-8"?>
<!--
  Gives each resource of an Acknowledgement its narrative, made anew from what stands in the resource: every element
  that the messaging guide marks as belonging in it, under its own name.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns="http://hl7.org/fhir"
    xmlns:f="http://hl7.org/fhir"
    xmlns:row="urn:vansim:row"
    exclude-result-prefixes="f row">

  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:template match="@* | node()">
    <xsl:copy><xsl:apply-templates select="@* | node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="f:resource/*/f:text"/>

  <xsl:template match="f:resource/*/f:meta">
    <xsl:copy-of select="."/>
    <text row:id="RA-narrative">
      <status value="generated"/>
      <div xmlns="http://www.w3.org/1999/xhtml">
        <xsl:apply-templates select="parent::*" mode="narrative"/>
      </div>
    </text>
  </xsl:template>

  <xsl:template match="f:MessageHeader" mode="narrative">
    <p xmlns="http://www.w3.org/1999/xhtml">MessageHeader <xsl:value-of select="f:id/@value"/></p>
    <ul xmlns="http://www.w3.org/1999/xhtml">
      <li>event: <xsl:value-of select="f:eventCoding/f:code/@value"/></li>
      <xsl:for-each select="f:destination">
        <li>destination: <xsl:value-of select="f:extension/f:valueCoding/f:code/@value"/>, endpoint <xsl:value-of select="f:endpoint/@value"/>, receiver <xsl:value-of select="f:receiver/f:reference/@value"/></li>
      </xsl:for-each>
      <li>sender: <xsl:value-of select="f:sender/f:reference/@value"/></li>
      <li>source: endpoint <xsl:value-of select="f:source/f:endpoint/@value"/></li>
      <li>response: identifier <xsl:value-of select="f:response/f:identifier/@value"/>, code <xsl:value-of select="f:response/f:code/@value"/></li>
    </ul>
  </xsl:template>

  <xsl:template match="f:Provenance" mode="narrative">
    <p xmlns="http://www.w3.org/1999/xhtml">Provenance <xsl:value-of select="f:id/@value"/></p>
    <ul xmlns="http://www.w3.org/1999/xhtml">
      <li>target: <xsl:value-of select="f:target/f:reference/@value"/></li>
      <li>occurred: <xsl:value-of select="f:occurredDateTime/@value"/></li>
      <li>recorded: <xsl:value-of select="f:recorded/@value"/></li>
      <li>activity: <xsl:value-of select="f:activity/f:coding/f:code/@value"/></li>
      <xsl:for-each select="f:agent">
        <li>agent: <xsl:value-of select="f:who/f:reference/@value"/></li>
      </xsl:for-each>
      <xsl:for-each select="f:entity">
        <li>entity: <xsl:value-of select="f:role/@value"/><xsl:text> </xsl:text><xsl:value-of select="f:what/f:reference/@value"/><xsl:value-of select="f:what/f:identifier/f:value/@value"/></li>
      </xsl:for-each>
    </ul>
  </xsl:template>

  <xsl:template match="f:Organization" mode="narrative">
    <p xmlns="http://www.w3.org/1999/xhtml">Organization <xsl:value-of select="f:id/@value"/><xsl:text> </xsl:text><xsl:value-of select="f:name/@value"/></p>
    <ul xmlns="http://www.w3.org/1999/xhtml">
      <xsl:for-each select="f:identifier">
        <li>identifier: <xsl:value-of select="f:system/@value"/><xsl:text> </xsl:text><xsl:value-of select="f:value/@value"/></li>
      </xsl:for-each>
    </ul>
  </xsl:template>

  <xsl:template match="f:OperationOutcome" mode="narrative">
    <p xmlns="http://www.w3.org/1999/xhtml">OperationOutcome <xsl:value-of select="f:id/@value"/></p>
    <ul xmlns="http://www.w3.org/1999/xhtml">
      <xsl:for-each select="f:issue">
        <li>issue: <xsl:value-of select="f:severity/@value"/>, <xsl:value-of select="f:code/@value"/>
          <xsl:if test="f:details/f:coding">, <xsl:value-of select="f:details/f:coding/f:code/@value"/></xsl:if>
          <xsl:if test="f:details/f:text">: <xsl:value-of select="f:details/f:text/@value"/></xsl:if>
        </li>
      </xsl:for-each>
    </ul>
  </xsl:template>
</xsl:stylesheet>
