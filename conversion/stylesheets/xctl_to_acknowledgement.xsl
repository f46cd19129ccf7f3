<?xml version="1.0" encoding="UTF-8"?>
<!--
  XCTL02 or XCTL03 to Acknowledgement 2.0.

  The source is an order (conversion/orders.py): the answer (r:kind), both organisations as the directory has them
  (r:organization role="sender" and role="receiver"), the refusals' table (r:refusal), the new identifiers, the moment
  of Envelope.Sent with its zone, what is remembered of the acknowledged message (its MessageHeader.id and its latest
  Provenance), and the receipts (x:Emessage) with plain text in RefuseText. Narratives are made afterwards, by
  acknowledgement_narrative.xsl.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns="http://hl7.org/fhir"
    xmlns:f="http://hl7.org/fhir"
    xmlns:x="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"
    xmlns:r="urn:vansim:receipt"
    xmlns:row="urn:vansim:row"
    exclude-result-prefixes="f x r row">

  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:variable name="order" select="/r:order"/>
  <xsl:variable name="receipts" select="$order/x:Emessage/x:PositiveReceipt | $order/x:Emessage/x:NegativeReceipt"/>
  <xsl:variable name="kind" select="$order/r:kind"/>
  <xsl:variable name="sender" select="$order/r:organization[@role = 'sender']"/>
  <xsl:variable name="receiver" select="$order/r:organization[@role = 'receiver']"/>
  <xsl:variable name="acknowledgement" select="'http://medcomfhir.dk/ig/acknowledgement/StructureDefinition/'"/>
  <xsl:variable name="messaging" select="'http://medcomfhir.dk/ig/messaging/StructureDefinition/'"/>
  <xsl:variable name="terminology" select="'http://medcomfhir.dk/ig/terminology/CodeSystem/'"/>
  <xsl:variable name="site" select="'http://medcomfhir.dk/ig/acknowledgement/'"/>
  <xsl:variable name="endpoint" select="'https://sor2.sum.dsdn.dk/#id='"/>

  <xsl:template match="/">
    <Bundle>
      <id value="{$order/@bundle}" row:id="RA-envelope-identifier"/>
      <meta><profile value="{$acknowledgement}medcom-messaging-acknowledgement"/></meta>
      <type value="message" row:id="RA-bundle-type"/>
      <timestamp value="{$order/@sent}"/>
      <xsl:call-template name="header"/>
      <xsl:call-template name="copied-provenance"/>
      <xsl:call-template name="own-provenance"/>
      <xsl:apply-templates select="$receiver"/>
      <xsl:apply-templates select="$sender"/>
      <xsl:if test="$kind/@refuses">
        <xsl:call-template name="outcome"/>
      </xsl:if>
    </Bundle>
  </xsl:template>

  <xsl:template name="header">
    <entry>
      <fullUrl value="{$site}MessageHeader/{$order/@header}"/>
      <resource>
        <MessageHeader>
          <id value="{$order/@header}" row:id="RA-letter-identifier"/>
          <meta><profile value="{$acknowledgement}medcom-messaging-acknowledgementHeader"/></meta>
          <eventCoding>
            <system value="{$terminology}medcom-messaging-eventCodes"/>
            <code value="acknowledgement-message" row:id="RA-event-code"/>
          </eventCoding>
          <destination>
            <extension url="{$messaging}medcom-messaging-destinationUseExtension">
              <valueCoding>
                <system value="{$terminology}medcom-messaging-destinationUse"/>
                <code value="primary" row:id="RA-destination-use"/>
              </valueCoding>
            </extension>
            <endpoint value="{$endpoint}{$receiver/@sor}" row:id="RA-destination-endpoint"/>
            <receiver><reference value="Organization/{$receiver/@id}"/></receiver>
          </destination>
          <sender><reference value="Organization/{$sender/@id}"/></sender>
          <source>
            <endpoint value="{$endpoint}{$sender/@sor}" row:id="RA-source-endpoint"/>
          </source>
          <response>
            <xsl:if test="not($kind/@refuses)">
              <identifier value="{$order/@acknowledged}" row:id="RA-original-letter-identifier-positive"/>
            </xsl:if>
            <xsl:if test="$kind/@refuses">
              <identifier value="{$order/@acknowledged}" row:id="RA-original-letter-identifier-negative"/>
            </xsl:if>
            <code value="{$kind/@response}" row:id="RA-response-code"/>
            <xsl:if test="$kind/@refuses" row:id="RA-response-details">
              <details><reference value="OperationOutcome/{$order/@outcome}"/></details>
            </xsl:if>
          </response>
        </MessageHeader>
      </resource>
    </entry>
  </xsl:template>

  <!-- The acknowledged message's latest Provenance as it stood; only its profile, and what would dangle, are new. -->
  <xsl:template name="copied-provenance">
    <entry row:id="RA-copied-provenance">
      <fullUrl value="{$site}Provenance/{$order/f:Provenance/f:id/@value}"/>
      <resource><xsl:apply-templates select="$order/f:Provenance" mode="copy"/></resource>
    </entry>
  </xsl:template>

  <xsl:template match="@*" mode="copy"><xsl:copy/></xsl:template>

  <!-- White space between the elements of a resource is layout. -->
  <xsl:template match="text()" mode="copy"/>

  <!-- Without the prefixes of the message that it stood in. -->
  <xsl:template match="f:*" mode="copy">
    <xsl:element name="{local-name()}"><xsl:apply-templates select="@* | node()" mode="copy"/></xsl:element>
  </xsl:template>

  <!-- Whatever guide it was written by, it is a Provenance of the messaging guide, as in MedCom's own examples. -->
  <xsl:template match="f:Provenance/f:meta" mode="copy"/>
  <xsl:template match="f:Provenance/f:id" mode="copy">
    <id value="{@value}"/>
    <meta><profile value="{$messaging}medcom-messaging-provenance"/></meta>
  </xsl:template>

  <!-- Headers stand outside the bundle by design; who acted was the acknowledged message's sender, our receiver. -->
  <xsl:template match="f:Provenance/f:agent//f:reference" mode="copy">
    <reference value="Organization/{$receiver/@id}" row:id="RA-original-sender"/>
  </xsl:template>

  <xsl:template name="own-provenance">
    <entry>
      <fullUrl value="{$site}Provenance/{$order/@provenance}"/>
      <resource>
        <Provenance>
          <id value="{$order/@provenance}"/>
          <meta><profile value="{$messaging}medcom-messaging-provenance"/></meta>
          <target><reference value="MessageHeader/{$order/@header}"/></target>
          <occurredDateTime value="{$order/@sent}" row:id="RA-provenance-occurred"/>
          <recorded value="{$order/@sent}" row:id="RA-provenance-recorded"/>
          <activity>
            <coding>
              <system value="{$terminology}medcom-messaging-activityCodes"/>
              <code value="acknowledgement" row:id="RA-provenance-activity"/>
            </coding>
          </activity>
          <agent>
            <who><reference value="Organization/{$sender/@id}" row:id="RA-original-receiver"/></who>
          </agent>
          <entity>
            <role value="revision" row:id="RA-provenance-role"/>
            <what><reference value="MessageHeader/{$order/@acknowledged}" row:id="RA-provenance-what"/></what>
          </entity>
        </Provenance>
      </resource>
    </entry>
  </xsl:template>

  <xsl:template match="r:organization">
    <entry>
      <fullUrl value="{$site}Organization/{@id}"/>
      <resource>
        <Organization>
          <id value="{@id}"/>
          <meta><profile value="{$messaging}medcom-messaging-organization"/></meta>
          <identifier>
            <system value="https://www.gs1.org/gln"/>
            <xsl:if test="@role = 'sender'">
              <value value="{$receipts[1]/x:Sender/x:EANIdentifier}" row:id="RA-sender-gln"/>
            </xsl:if>
            <xsl:if test="@role = 'receiver'">
              <value value="{$receipts[1]/x:Receiver/x:EANIdentifier}" row:id="RA-receiver-gln"/>
            </xsl:if>
          </identifier>
          <identifier>
            <system value="urn:oid:1.2.208.176.1.1"/>
            <xsl:if test="@role = 'sender'">
              <value value="{@sor}" row:id="RA-sender-sor"/>
            </xsl:if>
            <xsl:if test="@role = 'receiver'">
              <value value="{@sor}" row:id="RA-receiver-sor"/>
            </xsl:if>
          </identifier>
          <xsl:if test="@role = 'sender' and @name" row:id="RA-sender-name"><name value="{@name}"/></xsl:if>
          <xsl:if test="@role = 'receiver' and @name" row:id="RA-receiver-name"><name value="{@name}"/></xsl:if>
        </Organization>
      </resource>
    </entry>
  </xsl:template>

  <!-- One issue for each level that says something; a refusal without a word of why gets a plain one. -->
  <xsl:template name="outcome">
    <xsl:variable name="original" select="$receipts/self::x:NegativeReceipt/x:OriginalEmessage"/>
    <xsl:variable name="levels" select="($original | $original/x:OriginalLetter)[x:RefuseCode or x:RefuseText]"/>
    <entry>
      <fullUrl value="{$site}OperationOutcome/{$order/@outcome}"/>
      <resource>
        <OperationOutcome>
          <id value="{$order/@outcome}"/>
          <meta><profile value="{$acknowledgement}medcom-acknowledgement-operationoutcome"/></meta>
          <xsl:for-each select="$levels">
            <xsl:if test="self::x:OriginalEmessage" row:id="RA-refuse-envelope"><xsl:call-template name="issue"/></xsl:if>
            <xsl:if test="self::x:OriginalLetter" row:id="RA-refuse-letter"><xsl:call-template name="issue"/></xsl:if>
          </xsl:for-each>
          <xsl:if test="not($levels)">
            <xsl:for-each select="$original[1]"><xsl:call-template name="issue"/></xsl:for-each>
          </xsl:if>
        </OperationOutcome>
      </resource>
    </entry>
  </xsl:template>

  <!-- The table's last row is the one for codes that it does not know, and for none. -->
  <xsl:template name="issue">
    <xsl:variable name="known" select="$order/r:refusal[@refuse-code = current()/x:RefuseCode]"/>
    <xsl:variable name="refusal" select="$known | $order/r:refusal[not($known)][last()]"/>
    <issue>
      <severity value="error" row:id="RA-severity"/>
      <code value="{$refusal/@type}" row:id="RA-refuse-code"/>
      <xsl:if test="$refusal/@code or normalize-space(x:RefuseText)">
        <details>
          <xsl:if test="$refusal/@code" row:id="RA-details-code">
            <coding><system value="{$refusal/@system}"/><code value="{$refusal/@code}"/></coding>
          </xsl:if>
          <xsl:if test="normalize-space(x:RefuseText)" row:id="RA-refuse-text"><text value="{x:RefuseText}"/></xsl:if>
        </details>
      </xsl:if>
    </issue>
  </xsl:template>
</xsl:stylesheet>
